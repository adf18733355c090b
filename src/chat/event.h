// A piece of an answer on its way from the provider to the client.
//
// Events that arrived together are pushed together (a span), so that one read of the provider becomes one write to the
// client. `wire` is the event as it came, framing included, in the provider's dialect: when the client speaks the same
// one, these are the bytes it gets. `pieces` say what it means in no one's dialect: when the client speaks another one,
// they are written in it.
//
// Lifetime: the views are valid during the push they are given to. Thread rule: plain values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "chat/request.h"
#include "json/escaped.h"

namespace sluice::chat {

enum class FinishReason : std::uint8_t {
  kNone,
  kStop,
  kStopSequence,
  kToolCalls,
  kLength,
  kContextWindow,  // like kLength, for the model's window
  kContentFilter,  // the provider withheld something
  kRefusal,        // the model refused
  kPause,          // a loop of server tools paused: send the content back to go on
  kModelError,     // the model's output was malformed
};

// "stop", "tool_calls", …: names for logs and metrics.
std::string_view name(FinishReason reason);

enum class PieceKind : std::uint8_t {
  kText,        // text: goes on with the text before it, unless it begins a block
  kRefusal,     // text
  kReasoning,   // text: goes on with the reasoning before it. Reasoning always ends with a kState, kPlain where the
                // provider has none
  kState,       // state (and id): ends the reasoning before it, or is reasoning of its own (kRedacted), or, as kThought
                // behind text, belongs to that text
  kCall,        // a call begins: id, name, tool; state when the call carries one. Calls never interleave
  kArguments,   // text: the next part of the last call's arguments, as a fragment of a JSON string's inside
  kMedia,       // media, whole: an image or audio the model made
  kCitation,    // citation: comes behind the text it is of
  kServerItem,  // raw: what only its own dialect can say
  kLogprobs,    // raw: Chat's logprobs object of one choice
  kFinish,      // finish, and text: the stop sequence that matched, if told
};

// Which text a source is of, as its provider counts: [begin, end). chat/cited.h makes characters of it.
struct Extent {
  enum class Unit : std::uint8_t {
    kBefore,           // the text before it, since the last source that is not of the same, or since its block began
    kCharacters,       // of all texts of the choice together
    kBlockCharacters,  // of the last block
    kBytes,            // of the UTF-8 of all texts of the choice together
  };
  Unit unit = Unit::kBefore;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// Where the words stand in a document or search result of the request: [begin, end).
struct SourcePlace {
  enum class Kind : std::uint8_t { kNone, kCharacters, kPages, kBlocks, kSearchResult };
  Kind kind = Kind::kNone;
  std::uint64_t index = 0;  // which document or search result
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// A source of text that came before it; what its dialect does not tell is empty.
struct Citation {
  json::Escaped url;
  json::Escaped title;
  json::Escaped quote;   // the words of the source
  std::string_view raw;  // as its dialect wrote it
  Extent of;
  SourcePlace place;
};

struct Piece {
  PieceKind kind = PieceKind::kText;
  std::uint32_t choice = 0;
  json::Escaped text;
  json::Escaped id;
  json::Escaped name;
  ToolKind tool = ToolKind::kFunction;
  bool made_up_id = false;    // the provider gave the call none
  bool begins_block = false;  // kText: the provider sets it apart from the text before it
  State state;
  Media media;
  Citation citation;
  std::string_view raw;
  FinishReason finish = FinishReason::kNone;
};

enum class EventKind {
  kPreamble,  // announces the answer and holds nothing of it yet: a role, an empty delta, a comment
  kContent,   // something a user or program would see: text, reasoning, tool calls, audio, a whole body
  kFinish,    // says why the answer ended, or that it is complete
  kOther,     // usage, annotations, unknown events: passed on, but held as a preamble is before there is content
};

struct Event {
  EventKind kind = EventKind::kOther;
  std::string_view wire;
  std::span<const Piece> pieces;
  bool last = false;  // of a stream: it ends the answer, whatever the provider sends behind it
};

}  // namespace sluice::chat
