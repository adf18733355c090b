// mask_secrets() of tell.h: one pass over the words of a text.
#include "dialect/tell.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sluice::dialect {

namespace {

// What keys are made of. '*' and '…' stand in keys that a provider has masked halfway.
constexpr auto kKeyChars = [] {
  std::array<bool, 256> table{};
  for (unsigned i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    table[i] = alphanumeric || std::string_view("-_*+.=~/").contains(c);
  }
  return table;
}();

bool is_key_char(char c) {
  return kKeyChars[static_cast<unsigned char>(c)];
}

bool has_prefix(std::string_view word) {
  constexpr std::array<std::string_view, 15> kPrefixes{"sk-",    "sk_",  "pk-",  "pk_",   "rk-",
                                                       "rk_",    "gsk_", "xai-", "AIza",  "pplx-",
                                                       "nvapi-", "csk-", "tgp_", "sess-", "hf_"};
  return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return word.starts_with(prefix); });
}

bool has_digit_or_star(std::string_view word) {
  return std::ranges::any_of(word, [](char c) { return (c >= '0' && c <= '9') || c == '*'; });
}

// A sentence's own stops are no part of its last word.
std::string_view without_stops(std::string_view word) {
  return word.substr(0, word.find_last_not_of("./=") + 1);
}

bool ends_like(std::string_view word, std::string_view end) {
  return word.size() >= end.size() && iequals(word.substr(word.size() - end.size()), end);
}

// Remembers how far back a word stands that announces a secret.
class Suspicion {
 public:
  bool is_secret(std::string_view word) const {
    if (word.size() >= 8 && has_prefix(word)) return true;
    if (after_bearer_ && word.size() >= 6) return true;
    return since_key_ <= kReach && word.size() >= 16 && has_digit_or_star(word);
  }
  void note(std::string_view word) {
    after_bearer_ = iequals(word, "bearer") || iequals(word, "basic");
    const bool announces = ends_like(word, "key") || ends_like(word, "keys") || ends_like(word, "token") ||
                           ends_like(word, "secret") || ends_like(word, "authorization");
    since_key_ = announces ? 0 : std::min(since_key_ + 1, kReach + 1);
  }

 private:
  static constexpr int kReach = 4;  // "API key provided: …", "key you have sent is …"
  bool after_bearer_ = false;
  int since_key_ = kReach + 1;
};

// Appends a word, masked if it is a secret. What stands behind an equals sign in it is judged by itself: "key=abc".
void append_word(std::string& out, std::string_view word, Suspicion& suspicion) {
  while (!word.empty()) {
    const auto equals = word.find('=');
    const bool pair = equals != std::string_view::npos && equals + 1 < word.size() && word[equals + 1] != '=';
    const std::string_view piece = pair ? word.substr(0, equals) : word;
    const std::string_view core = without_stops(piece);
    if (suspicion.is_secret(core)) {
      out += "***";
    } else {
      out += core;
    }
    out += piece.substr(core.size());
    if (!core.empty()) suspicion.note(core);
    word.remove_prefix(piece.size());
    if (!pair) continue;
    out.push_back('=');
    word.remove_prefix(1);
  }
}

}  // namespace

std::string mask_secrets(std::string_view text) {
  // Ids of requests are one word, which nothing before it announces.
  const bool is_one_word = std::ranges::all_of(text, [](char c) { return is_key_char(c) && c != '='; });
  if (is_one_word && !Suspicion().is_secret(without_stops(text))) return std::string(text);
  std::string out;
  out.reserve(text.size());
  Suspicion suspicion;
  while (!text.empty()) {
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_key_char) - text.begin());
    if (end == 0) {
      out.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    append_word(out, text.substr(0, end), suspicion);
    text.remove_prefix(end);
  }
  return out;
}

std::string tellable(std::string_view text, std::size_t limit) {
  std::string masked = mask_secrets(text.substr(0, 2 * limit));
  std::ranges::replace_if(masked, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return printable(masked, limit);
}

}  // namespace sluice::dialect
