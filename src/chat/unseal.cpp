// unseal() of seal.h: puts what was carried back to where it belongs.
#include <algorithm>
#include <iterator>
#include <span>

#include "chat/cited.h"
#include "chat/seal.h"

namespace sluice::chat {

namespace {

class Unsealing {
 public:
  Unsealing(Request& request, std::string_view provider, StateOf unsealed)
      : request_(request), provider_(provider), unsealed_(unsealed) {}

  void run() {
    for (Turn& turn : request_.turns) {
      std::vector<Part> parts;
      parts.reserve(turn.parts.size());
      for (Part& part : turn.parts) take(std::move(part), parts);
      emptied_ = emptied_ || (parts.empty() && !turn.parts.empty());
      turn.parts = std::move(parts);
    }
    if (emptied_) {
      std::erase_if(request_.turns,
                    [](const Turn& turn) { return turn.role == Role::kAssistant && turn.parts.empty(); });
    }
    if (removed_) request_.lost.push_back({"reasoning state", Unplaced::kDropped, {}});
  }

 private:
  Escaped keep(std::string_view plain) { return plain.empty() ? Escaped{} : request_.texts.escaped(plain); }

  void take(Part part, std::vector<Part>& parts) {
    if (part.kind == PartKind::kReasoning) return take_reasoning(part, parts);
    if (part.state.kind != State::Kind::kNone) take_state(part, parts);
    if (part.kind == PartKind::kCall || part.kind == PartKind::kResult) take_id(part, parts);
    parts.push_back(std::move(part));
  }

  // The state that stands on a call or a text.
  void take_state(Part& part, std::vector<Part>& parts) {
    const auto sealed = open_seal(json::plain(part.state.data));
    const bool stays = sealed ? sealed->origin == provider_ : unsealed_ == StateOf::kClientDialect;
    if (stays && !sealed) return;
    part.state = {};
    if (!stays) {
      removed_ = true;
    } else {
      give_back(part, sealed->entries, parts);
    }
  }

  // A call's id may carry the call's state, and what came before the call.
  void take_id(Part& part, std::vector<Part>& parts) {
    const auto sealed = open_seal(json::plain(part.id));
    if (!sealed) return;
    const bool own = sealed->origin == provider_;
    part.id = keep(sealed->id);
    part.made_up_id = sealed->made_up_id && own;
    if (part.kind != PartKind::kCall || sealed->entries.empty()) return;
    if (own) {
      give_back(part, sealed->entries, parts);
    } else {
      removed_ = true;
    }
  }

  static bool is_text(const Part& part) { return part.kind == PartKind::kText || part.kind == PartKind::kRefusal; }

  static bool is_state_of_part(const SealedEntry& entry) {
    return entry.kind == State::Kind::kThought && entry.text.empty();
  }

  // The last entry may be the state of `part` itself; those before it stood before it.
  void give_back(Part& part, std::span<const SealedEntry> entries, std::vector<Part>& parts) {
    if (!entries.empty() && is_state_of_part(entries.back())) {
      part.state = state_of(entries.back());
      entries = entries.first(entries.size() - 1);
    }
    // The client has kept the text that was said between reasoning and call, but not which came first: the seal knows.
    auto texts = parts.end();
    while (texts != parts.begin() && is_text(*std::prev(texts))) --texts;
    std::vector<Part> behind(std::make_move_iterator(texts), std::make_move_iterator(parts.end()));
    parts.erase(texts, parts.end());
    for (const SealedEntry& entry : entries) {
      if (entry.after > 0 && !is_state_of_part(entry)) move_texts(behind, entry.after, parts);
      if (is_state_of_part(entry) && !behind.empty()) {
        put(entry, behind);
      } else {
        parts.push_back(reasoning_of(entry));
      }
    }
    std::ranges::move(behind, std::back_inserter(parts));
  }

  // Moves texts, until there are `characters` of them in `parts`.
  static void move_texts(std::vector<Part>& from, std::uint64_t characters, std::vector<Part>& parts) {
    std::uint64_t said = 0;
    for (const Part& part : parts) said += is_text(part) ? chat::characters(part.text) : 0;
    while (!from.empty() && said < characters) {
      const std::size_t end = offset_of(from.front().text, characters - said);
      Part first = from.front();
      first.text = {first.text.raw.substr(0, end)};
      said += chat::characters(first.text);
      if (end == from.front().text.raw.size()) {
        parts.push_back(std::move(from.front()));
        from.erase(from.begin());
      } else {
        first.state = {};
        from.front().text = {from.front().text.raw.substr(end)};
        parts.push_back(std::move(first));
      }
      if (end == 0) return;
    }
  }

  void put(const SealedEntry& entry, std::vector<Part>& parts) {
    const bool is_free =
        !parts.empty() && parts.back().kind == PartKind::kText && parts.back().state.kind == State::Kind::kNone;
    if (is_state_of_part(entry) && is_free) {
      parts.back().state = state_of(entry);
    } else {
      parts.push_back(reasoning_of(entry));
    }
  }

  void take_reasoning(Part& part, std::vector<Part>& parts) {
    const auto sealed = open_seal(json::plain(part.state.data));
    const bool stays = sealed ? sealed->origin == provider_ : unsealed_ == StateOf::kClientDialect;
    if (!stays) {
      removed_ = true;
    } else if (!sealed) {
      parts.push_back(std::move(part));
    } else if (part.text.empty()) {
      for (const SealedEntry& entry : sealed->entries) put(entry, parts);
    } else {
      give_back_reasoning(part.text, sealed->entries, parts);
    }
  }

  // Reasoning whose text the client has carried itself.
  void give_back_reasoning(Escaped text, std::span<const SealedEntry> entries, std::vector<Part>& parts) {
    for (const SealedEntry& entry : entries) {
      Part reasoning = reasoning_of(entry);
      if (reasoning.text.empty()) std::swap(reasoning.text, text);
      parts.push_back(std::move(reasoning));
    }
  }

  State state_of(const SealedEntry& entry) {
    return {.kind = entry.kind, .data = keep(entry.data), .origin = provider_};
  }
  Part reasoning_of(const SealedEntry& entry) {
    Part part;
    part.kind = PartKind::kReasoning;
    part.text = keep(entry.text);
    part.id = keep(entry.id);
    part.state = state_of(entry);
    return part;
  }

  Request& request_;
  std::string_view provider_;
  StateOf unsealed_;
  bool removed_ = false;
  bool emptied_ = false;
};

}  // namespace

void unseal(Request& request, std::string_view provider, StateOf unsealed) {
  Unsealing(request, provider, unsealed).run();
}

}  // namespace sluice::chat
