// The models of providers with what is known of them: names, limits, capabilities and prices.
//
// One catalogue is part of the program (data/models.json); a file of the same form may stand over it. Names are found
// as they are listed: a model whose name is not there is unknown, however much it looks like another. Thread rule:
// immutable once loaded. Ownership: who loads it; models and prices are valid as long as the catalogue.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "provider/catalogue/price.h"

namespace sluice::provider {

enum class Mode : std::uint8_t { kChat, kEmbedding, kRerank, kRealtime };

// What a model can do: bits of a set.
enum class Ability : std::uint32_t {
  kAssistantPrefill = 1 << 0,
  kAudioInput = 1 << 1,
  kAudioOutput = 1 << 2,
  kDeveloperRole = 1 << 3,
  kJsonMode = 1 << 4,
  kMidConversationSystem = 1 << 5,
  kSeveralAnswers = 1 << 6,
  kParallelTools = 1 << 7,
  kPdf = 1 << 8,
  kPromptCaching = 1 << 9,
  kReasoning = 1 << 10,
  kSamplingParams = 1 << 11,
  kStreaming = 1 << 12,
  kStrictTools = 1 << 13,
  kStructuredOutput = 1 << 14,
  kTools = 1 << 15,
  kVideoInput = 1 << 16,
  kVision = 1 << 17,
  kWebSearch = 1 << 18,
};
std::string_view name(Ability ability);  // "strict_tools"
std::optional<Ability> ability_of(std::string_view name);

struct Model {
  std::string provider;              // a type of known.h, "openai"
  std::string id;                    // what goes on the wire
  std::vector<std::string> aliases;  // other names of the same
  Mode mode = Mode::kChat;
  std::optional<std::uint64_t> context_window;  // tokens
  std::optional<std::uint64_t> max_input;
  std::optional<std::uint64_t> max_output;
  bool open_ended = false;   // nothing bounds a request: the model decides how much it searches, reads and thinks
  std::uint32_t can = 0;     // abilities it has
  std::uint32_t cannot = 0;  // and those it lacks; what is in neither is not known
  Price price;
  std::string retires;  // "2027-01-31": the day it is shut down; empty: none is known
  std::string source;   // whose numbers these are, and of which day
  std::string date;

  // Nothing: not known.
  std::optional<bool> able(Ability ability) const;
};

class Catalogue {
 public:
  // Reads a catalogue. Faults: kInvalidConfig; told names entry and field: "openai/gpt-4o: prices.input '0,15' holds
  // something else than digits and one point".
  static Result<std::unique_ptr<const Catalogue>> load(std::string_view json);
  // The same over another one: its models go first; those of `below` it does not name are kept.
  static Result<std::unique_ptr<const Catalogue>> load(std::string_view json, const Catalogue& below);
  // The program's own. A mistake in it is a bug: a test reads it.
  static std::unique_ptr<const Catalogue> built_in();

  // `provider`: a type of known.h. `name`: the provider's own name of a model, also as a resource ("models/x",
  // "arn:…/x"). Null: not known.
  const Model* find(std::string_view provider, std::string_view name) const;
  bool has_provider(std::string_view provider) const { return by_provider_.find(provider) != by_provider_.end(); }

  const std::deque<Model>& models() const { return models_; }
  std::size_t entries() const { return entries_; }   // of the file, without those of `below`
  const std::string& date() const { return date_; }  // of the file: "2026-11-22"
  std::uint64_t digest() const { return digest_; }   // of the file's text, in this process

 private:
  friend class CatalogueReader;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using ByName = std::unordered_map<std::string, const Model*, Hash, std::equal_to<>>;

  // What stands where a name was: null where it was free.
  const Model* add(Model model);
  void keep(const Catalogue& below);

  std::string date_;
  std::size_t entries_ = 0;
  std::uint64_t digest_ = 0;
  std::deque<Model> models_;  // they never move
  std::unordered_map<std::string, ByName, Hash, std::equal_to<>> by_provider_;
};

}  // namespace sluice::provider
