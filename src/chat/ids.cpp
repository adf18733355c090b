#include "chat/ids.h"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "base/digest.h"

namespace sluice::chat {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_alphanumeric(char c) {
  return is_letter(c) || (c >= '0' && c <= '9');
}

// A text of `length` letters and digits that depends on nothing but `text`.
std::string digest_of(std::string_view text, std::size_t length) {
  constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
  const Sha256 hash = sha256(text);
  std::string out;
  for (std::size_t i = 0; i < std::min(length, hash.size()); ++i) out += kAlphabet[hash[i] % kAlphabet.size()];
  return out;
}

// What of a text may stay: it helps whoever reads a log.
std::string readable_part(std::string_view text, const Alphabet& alphabet, std::size_t longest) {
  std::string out;
  for (char c : text) {
    if (out.size() == longest) break;
    const bool good = is_alphanumeric(c) || alphabet.beside_alphanumeric.find(c) != std::string_view::npos;
    if (good) out += c;
  }
  if (alphabet.starts_with_letter && !out.empty() && !is_letter(out.front()) && out.front() != '_') out.insert(0, "t");
  return out.substr(0, longest);
}

void fit_name(Escaped& name, const Alphabet& names, Request& request, Renamed& renamed) {
  if (name.empty()) return;
  const Escaped fitting = fitted(name, names, request.texts);
  if (fitting == name) return;
  const auto known = std::ranges::find(renamed, fitting.raw, &Renamed::value_type::first);
  if (known == renamed.end()) renamed.emplace_back(fitting.raw, name.raw);
  name = fitting;
}

void fit_part(Part& part, const Alphabet& names, const Alphabet& ids, Request& request, Renamed& renamed) {
  if (part.kind != PartKind::kCall && part.kind != PartKind::kResult) return;
  fit_name(part.name, names, request, renamed);
  if (!part.id.empty()) part.id = fitted(part.id, ids, request.texts);
}

// Gives calls ids of their own where a client has used one again: APIs refuse that. A result belongs to the first call
// of its id that has none.
class OwnIds {
 public:
  explicit OwnIds(Texts& texts) : texts_(texts) {}

  void call(Escaped& id) {
    Used& used = used_[id.raw];
    if (++used.calls > 1) id = {texts_.keep(std::string(id.raw) + "_" + std::to_string(used.calls))};
    used.open.push_back(id);
  }
  void result(Escaped& id) {
    const auto found = used_.find(id.raw);
    if (found == used_.end()) return;
    Used& used = found->second;
    if (!used.open.empty()) {
      used.answered = used.open.front();
      used.open.pop_front();
    }
    id = used.answered;
  }

 private:
  struct Used {
    std::size_t calls = 0;
    std::deque<Escaped> open;  // without a result yet
    Escaped answered;          // the last one with one
  };

  Texts& texts_;
  std::unordered_map<std::string_view, Used> used_;
};

void own_ids(Request& request) {
  OwnIds ids(request.texts);
  for (Turn& turn : request.turns) {
    for (Part& part : turn.parts) {
      if (part.id.empty()) continue;
      if (part.kind == PartKind::kCall) ids.call(part.id);
      if (part.kind == PartKind::kResult) ids.result(part.id);
    }
  }
}

}  // namespace

bool fits(std::string_view text, const Alphabet& alphabet) {
  if (text.empty() || text.size() > alphabet.longest) return false;
  if (alphabet.exactly != 0 && text.size() != alphabet.exactly) return false;
  if (alphabet.starts_with_letter && !is_letter(text.front()) && text.front() != '_') return false;
  return std::ranges::all_of(text, [&](char c) {
    return is_alphanumeric(c) || alphabet.beside_alphanumeric.find(c) != std::string_view::npos;
  });
}

Escaped fitted(Escaped text, const Alphabet& alphabet, Texts& texts) {
  if (fits(text.raw, alphabet)) return text;
  const std::string plain = json::plain(text);
  if (alphabet.exactly != 0) {
    return {texts.keep(digest_of(plain, alphabet.exactly))};
  }
  constexpr std::size_t kDigest = 12;
  std::string fitting = readable_part(plain, alphabet, alphabet.longest - kDigest - 1);
  if (fitting.empty()) fitting = "t";
  fitting += alphabet.beside_alphanumeric.find('_') != std::string_view::npos ? "_" : "";
  fitting += digest_of(plain, kDigest);
  return {texts.keep(std::move(fitting))};
}

Renamed fit_names(Request& request, const Alphabet& names, const Alphabet& ids) {
  Renamed renamed;
  for (Tool& tool : request.tools) {
    if (tool.kind != ToolKind::kServer) fit_name(tool.name, names, request, renamed);
  }
  own_ids(request);
  for (Escaped& name : request.tool_choice.names) fit_name(name, names, request, renamed);
  for (Turn& turn : request.turns) {
    for (Part& part : turn.parts) fit_part(part, names, ids, request, renamed);
  }
  return renamed;
}

}  // namespace sluice::chat
