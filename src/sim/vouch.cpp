#include "sim/vouch.h"

#include <boost/json.hpp>

#include "base/digest.h"

namespace sluice::sim {

namespace {

constexpr std::string_view kOurs = "S1m";  // how the random part of our ids begins
constexpr std::size_t kSeedSize = 9;
constexpr std::size_t kMarkSize = 12;

std::string letters(const std::string& text, std::size_t size) {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string out;
  for (std::uint8_t byte : sha256(text)) {
    if (out.size() < size) out += kLetters[byte % kLetters.size()];
  }
  return out;
}

// The same for every spelling of the same JSON; a text that is none stands for itself.
std::string plain(std::string_view json) {
  boost::json::error_code error;
  auto value = boost::json::parse(json, error);
  return error ? std::string(json) : boost::json::serialize(value);
}

std::string mark_of(std::string_view name, std::string_view arguments) {
  return letters("call\n" + std::string(name) + "\n" + plain(arguments), kMarkSize);
}

}  // namespace

std::string vouch(std::string_view kind, std::string_view said) {
  auto hash = sha256("a simulator vouches for\n" + std::string(kind) + "\n" + std::string(said));
  return base64({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::string call_id(std::string_view prefix, std::string_view seed, std::string_view name, std::string_view arguments) {
  std::string id(prefix);
  id += kOurs;
  id += letters(std::string(seed), kSeedSize);
  return id + mark_of(name, arguments);
}

bool is_altered(std::string_view prefix, std::string_view id, std::string_view name, std::string_view arguments) {
  if (!id.starts_with(prefix)) return false;
  id.remove_prefix(prefix.size());
  if (!id.starts_with(kOurs) || id.size() != kOurs.size() + kSeedSize + kMarkSize) return false;
  return !id.ends_with(mark_of(name, arguments));
}

}  // namespace sluice::sim
