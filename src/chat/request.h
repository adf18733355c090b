// A request to a model in the one form that every dialect reads into and writes from.
//
// Texts are JSON strings as they were written (json/escaped.h) and numbers and schemas are JSON as it was written, so
// that translating copies them: nothing is rounded, reordered or re-spelled, and the same turn always gives the same
// bytes. What a dialect says and this form cannot hold is noted in `lost` by its reader, never forgotten.
//
// Thread rule: one thread. Lifetime: views point into the body the request was read from and into `texts`; both
// outlive it. Moving a request keeps its views valid.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/field.h"
#include "chat/texts.h"
#include "json/escaped.h"

namespace sluice::chat {

using json::Escaped;

// How long a provider is asked to keep a prompt's beginning up to here. kShort: 5 or 30 minutes; kLong: 1 or 12 hours.
enum class CacheMark : std::uint8_t { kNone, kShort, kLong };

enum class Role : std::uint8_t { kSystem, kDeveloper, kUser, kAssistant, kTool };

enum class PartKind : std::uint8_t {
  kText,
  kRefusal,     // a text with which the model refused
  kImage,       // kImage … kDocument have `media`
  kAudio,       //
  kVideo,       //
  kDocument,    //
  kReasoning,   // `text` and `state`
  kCall,        // the model calls a tool: id, name, and `arguments` (kFunction) or `text` (kCustom)
  kResult,      // what the tool said: id, `content`, is_error
  kServerItem,  // something only its own provider understands: `raw`
};

// Where the bytes of a medium are.
struct Media {
  enum class Form : std::uint8_t { kInline, kUrl, kFile, kText };
  Form form = Form::kInline;
  Escaped type;              // media type: "image/png"; may be empty for kUrl and kFile
  Escaped data;              // kInline: base64; kUrl, kFile: the address or id; kText: the text itself
  Escaped name;              // a document's file name or title
  Escaped detail;            // an image's detail, as the client wrote it: "low", "high"
  Escaped context;           // a document's context
  std::string_view place{};  // kUrl: of the part in the client's request, "messages[2].content[1]"
};

// Something only its maker can read, which it wants back unchanged: a signature, encrypted reasoning.
struct State {
  enum class Kind : std::uint8_t {
    kNone,
    kSignature,  // of the reasoning text it stands beside
    kRedacted,   // reasoning of which nothing else is shown
    kEncrypted,  // of a reasoning item with an id (Part::id)
    kThought,    // Gemini: of the part it stands on: a call, a text, a thought
    kPlain,      // no bytes: the reasoning text itself is wanted back (reasoning_content)
  };
  Kind kind = Kind::kNone;
  Escaped data;
  // The provider that made it, where it was carried through another dialect (chat/seal.h). Empty: as the client's
  // own dialect has it, so from a provider of that dialect.
  std::string_view origin;
};

enum class ToolKind : std::uint8_t { kFunction, kCustom, kServer };

struct Part {
  PartKind kind = PartKind::kText;
  Escaped text;
  Media media;
  State state;
  Escaped id;    // of a call and its result; of a reasoning item
  Escaped name;  // of the tool: for results too, once link_results() has run
  ToolKind tool = ToolKind::kFunction;
  std::string_view arguments;  // a JSON value as written; "{}" when the call had none
  std::vector<Part> content;   // of a result: texts, images, documents
  bool is_error = false;
  bool made_up_id = false;  // the provider gave the call no id: it gets none back
  CacheMark cache = CacheMark::kNone;
  std::string_view citations;  // JSON as written, of the request's own dialect
  std::string_view raw;        // kServerItem, and what else the own dialect needs to write the part again
};

struct Turn {
  Role role = Role::kUser;
  std::vector<Part> parts;
  Escaped name;          // who speaks, where the dialect has it
  bool prefill = false;  // the answer is to go on where this assistant turn ends, and the client said so
};

struct Tool {
  ToolKind kind = ToolKind::kFunction;
  Escaped name;
  Escaped description;
  std::string_view schema;  // JSON Schema of the arguments as written; empty: none was given
  std::optional<bool> strict;
  CacheMark cache = CacheMark::kNone;
  std::string_view raw;  // kServer and kCustom: the tool as its own dialect writes it
};

struct ToolChoice {
  enum class Mode : std::uint8_t { kUnset, kAuto, kAny, kNone, kNamed, kSubset };
  Mode mode = Mode::kUnset;
  std::vector<Escaped> names;    // kNamed: one; kSubset: those allowed
  bool subset_required = false;  // kSubset: one of them must be called
};

struct OutputFormat {
  enum class Kind : std::uint8_t { kUnset, kText, kJson, kSchema };
  Kind kind = Kind::kUnset;
  Escaped name;
  Escaped description;
  std::string_view schema;
  std::optional<bool> strict;
};

enum class Effort : std::uint8_t { kUnset, kOff, kMinimal, kLow, kMedium, kHigh, kXHigh, kMax };

struct Reasoning {
  enum class Show : std::uint8_t { kUnset, kHidden, kSummary };
  Effort effort = Effort::kUnset;
  std::optional<std::uint64_t> budget;  // tokens
  bool dynamic = false;                 // on, and the model decides how much
  Show show = Show::kUnset;
};

// The canonical names of efforts: "none", "minimal", "low", …; nothing for other words. kUnset is "".
std::string_view name(Effort effort);
std::optional<Effort> find_effort(std::string_view name);
// Between words and budgets, by the convention of 512, 1024, 8192, 24576 and 32768 tokens. A budget of 0 is kOff.
Effort effort_of_budget(std::uint64_t tokens);
std::uint64_t budget_of_effort(Effort effort);

struct Request {
  Texts texts;
  std::string model;  // as the client named it
  bool stream = false;
  bool unkept = false;       // the client wants nothing kept of its answer (Responses' store)
  bool usage_wanted = true;  // false: the client's stream is to end without usage (Chat without stream_options)

  std::vector<Turn> turns;  // system and developer turns stand where the client put them
  std::vector<Tool> tools;
  ToolChoice tool_choice;
  std::optional<bool> parallel_calls;
  OutputFormat format;
  Reasoning reasoning;
  std::vector<Escaped> stop;

  // Settings that are one JSON value, as written: kTemperature, kTopP, kTopK, kMinP, kSeed, the penalties, kLogitBias,
  // kLogprobs, kTopLogprobs, kCandidates, kMaxTokens, kServiceTier, kEndUser, kMetadata, …
  std::string_view value(Field field) const { return values_[static_cast<std::size_t>(field)]; }
  // Notes that the client gave the field, under this name of its own; `value` may be empty where a typed member holds
  // it. null counts as not given: readers do not call it then.
  void give(Field field, std::string_view path, std::string_view value = {});
  void forget(Field field);
  bool has(Field field) const { return given_.test(static_cast<std::size_t>(field)); }
  // The client's own name of a field that was given: "generationConfig.topK".
  std::string_view path(Field field) const { return paths_[static_cast<std::size_t>(field)]; }

  // What only the own dialect can say: a field of the request that this form has no place for, with what becomes of it
  // when the provider speaks another one.
  struct Lost {
    std::string path;  // "messages[2].name"
    Unplaced unplaced = Unplaced::kDropped;
    std::string why;  // kRefused: ends the sentence "'path' …"; may be empty
  };
  std::vector<Lost> lost;

 private:
  std::bitset<kFieldCount> given_;
  std::array<std::string_view, kFieldCount> values_{};
  std::array<std::string_view, kFieldCount> paths_{};
};

// Those of the tools that are named: what is sent where a provider has no word for a choice among some.
std::vector<Tool> tools_named(const std::vector<Tool>& tools, const std::vector<Escaped>& names);

// Gives each result the name of the call it answers, by id. A result without an id takes the id of the first call
// before it that has its name and no answer yet, then of the first without an answer.
void link_results(Request& request);
// Gives calls without an id one that depends on their place alone, then links results.
void name_calls(Request& request);

}  // namespace sluice::chat
