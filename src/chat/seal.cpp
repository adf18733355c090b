#include "chat/seal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/base64.h"
#include "base/digest.h"
#include "base/text.h"

namespace sluice::chat {

namespace {

constexpr std::string_view kMark = "_sl1_";
constexpr std::string_view kByteMark =
    "sl1state";  // of eight digits that both alphabets of base64 have: six whole bytes
constexpr std::string_view kMarks[] = {kMark, kByteMark};
constexpr std::string_view kShared = "sl1";  // all of them have it
constexpr std::size_t kChecksum = 4;
constexpr std::size_t kMostEntries = 256;
// Gateways in a row put one seal behind another. More marks than this in one text are no seals, but somebody's attempt
// to keep us busy.
constexpr int kMostMarks = 8;

bool is_name_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

bool is_plain_id(std::string_view id) {
  return std::ranges::all_of(id, is_name_char);
}

// Lengths as seven bits a byte, the lowest first.
void append_field(std::string& out, std::string_view text) {
  std::size_t length = text.size();
  for (; length >= 0x80; length >>= 7) out += static_cast<char>((length & 0x7f) | 0x80);
  out += static_cast<char>(length);
  out += text;
}

std::string checksum(std::string_view payload) {
  const Sha256 hash = sha256(payload);
  return {reinterpret_cast<const char*>(hash.data()), kChecksum};
}

// Takes a payload apart; every take fails from the first mistake on.
class Payload {
 public:
  explicit Payload(std::string_view bytes) : rest_(bytes) {}

  std::string field() {
    std::size_t length = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (rest_.empty() || shift > 28) return fail();
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      length |= std::size_t{byte & 0x7fU} << shift;
      if (byte < 0x80) break;
    }
    if (length > rest_.size()) return fail();
    std::string text(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return text;
  }
  unsigned char byte() {
    if (rest_.empty()) {
      fail();
      return 0;
    }
    const auto value = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string fail() {
    good_ = false;
    rest_ = {};
    return {};
  }

  std::string_view rest_;
  bool good_ = true;
};

// Of an entry's kind: where it stands behind text follows its data.
constexpr unsigned char kBehindText = 0x40;
enum Flags : unsigned char { kMadeUpId = 1, kIdInside = 2 };
// What every seal's base64 begins with, as the flags are small: it tells most texts that are no seals at a glance.
constexpr char kFirst = 'A';

std::optional<Sealed> open_payload(std::string_view before, std::string_view payload) {
  Payload take(payload);
  Sealed sealed;
  const unsigned char flags = take.byte();
  sealed.made_up_id = (flags & kMadeUpId) != 0;
  sealed.origin = take.field();
  sealed.id = (flags & kIdInside) != 0 ? take.field() : std::string(before);
  while (take.good() && !take.at_end() && sealed.entries.size() < kMostEntries) {
    SealedEntry entry;
    const unsigned char byte = take.byte();
    const unsigned char kind = byte & static_cast<unsigned char>(~kBehindText);
    if (kind > static_cast<unsigned char>(State::Kind::kPlain)) return std::nullopt;
    entry.kind = static_cast<State::Kind>(kind);
    entry.id = take.field();
    entry.text = take.field();
    entry.data = take.field();
    if ((byte & kBehindText) != 0) entry.after = to_number<std::uint64_t>(take.field()).value_or(0);
    sealed.entries.push_back(std::move(entry));
  }
  if (!take.good() || !take.at_end()) return std::nullopt;
  return sealed;
}

// The length of the run of base64 characters at the start of `text`; JSON may escape a slash.
std::size_t run_of(std::string_view text) {
  auto belongs = [](char c) { return is_name_char(c) || c == '+' || c == '/' || c == '=' || c == '\\'; };
  return static_cast<std::size_t>(std::ranges::find_if_not(text, belongs) - text.begin());
}

// Bodies are long and marks are rare: twice sixteen places are looked at together, first at the outer characters alone.
std::size_t find_shared(std::string_view text) {
  using Bytes = char __attribute__((vector_size(16)));
  auto bytes_at = [&](std::size_t at) {
    Bytes bytes;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    return bytes;
  };
  constexpr std::size_t kPlaces = 2 * sizeof(Bytes), kBehind = kShared.size() - 1;
  auto found_at = [&](std::size_t at) {
    return (bytes_at(at) == kShared.front()) & (bytes_at(at + kBehind) == kShared.back());
  };
  std::size_t at = 0;
  for (; at + kPlaces + kBehind <= text.size(); at += kPlaces) {
    const auto found = found_at(at) | found_at(at + sizeof(Bytes));
    if ((std::bit_cast<std::array<std::uint64_t, 2>>(found) == std::array<std::uint64_t, 2>{})) continue;
    const auto here = text.substr(at, kPlaces + kBehind).find(kShared);
    if (here != std::string_view::npos) return at + here;
  }
  return text.find(kShared, at);
}

std::size_t find_mark(std::string_view text) {
  for (std::size_t from = 0; from < text.size();) {
    const auto found = find_shared(text.substr(from));
    if (found == std::string_view::npos) break;
    const auto at = from + found;
    for (std::string_view mark : kMarks) {
      const auto before = mark.find(kShared);
      if (at >= before && text.substr(at - before).starts_with(mark)) return at - before;
    }
    from = at + 1;
  }
  return std::string_view::npos;
}

std::string written(const Sealed& sealed, bool inside) {
  std::string payload;
  payload += static_cast<char>((sealed.made_up_id ? kMadeUpId : 0) | (inside ? kIdInside : 0));
  append_field(payload, sealed.origin);
  if (inside) append_field(payload, sealed.id);
  for (const SealedEntry& entry : sealed.entries) {
    const unsigned char behind = entry.after > 0 ? kBehindText : 0;
    payload += static_cast<char>(static_cast<unsigned char>(entry.kind) | behind);
    append_field(payload, entry.id);
    append_field(payload, entry.text);
    append_field(payload, entry.data);
    if (entry.after > 0) append_field(payload, std::to_string(entry.after));
  }
  return payload + checksum(payload);
}

}  // namespace

std::string seal(const Sealed& sealed) {
  const bool inside = !is_plain_id(sealed.id);
  std::string out = inside ? "call" : sealed.id;
  out += kMark;
  out += base64url(written(sealed, inside));
  return out;
}

std::string seal_as_bytes(const Sealed& sealed) {
  return std::string(kByteMark) + base64(written(sealed, false));
}

std::optional<Sealed> open_seal(std::string_view text) {
  int tries = 0;
  for (std::string_view mark : kMarks) {
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
      const std::string_view coded = text.substr(at + mark.size());
      if (!coded.starts_with(kFirst)) continue;
      if (++tries > kMostMarks) return std::nullopt;
      const auto payload = base64_decode(coded);
      if (!payload || payload->size() < kChecksum) continue;
      const std::string_view content = std::string_view(*payload).substr(0, payload->size() - kChecksum);
      if (!payload->ends_with(checksum(content))) continue;
      if (auto sealed = open_payload(text.substr(0, at), content)) return sealed;
    }
  }
  return std::nullopt;
}

bool may_hold_seal(std::string_view body) {
  // Each run of base64 is looked at once, so a body of marks costs no more than one of the same length.
  for (auto at = find_mark(body); at != std::string_view::npos; at = find_mark(body)) {
    body.remove_prefix(at);
    std::string run(body.substr(0, run_of(body)));
    body.remove_prefix(run.size());
    std::erase(run, '\\');
    if (open_seal(run)) return true;
  }
  return false;
}

std::string sealed_call_id(std::string_view origin, std::string_view id, bool made_up, const State& state,
                           std::span<const SealedEntry> before) {
  const bool carries = made_up || state.kind != State::Kind::kNone || !before.empty();
  // An id that opens is the provider's own, which is a gateway like us: it must come back as it is.
  if (!carries && is_plain_id(id) && !open_seal(id)) return std::string(id);
  Sealed sealed{.origin = std::string(origin), .id = std::string(id), .made_up_id = made_up, .entries = {}};
  sealed.entries.assign(before.begin(), before.end());
  if (state.kind != State::Kind::kNone) {
    sealed.entries.push_back({.kind = state.kind, .id = {}, .text = {}, .data = json::plain(state.data)});
  }
  return seal(sealed);
}

std::string sealed_state(std::string_view origin, const State& state, std::string_view item_id) {
  Sealed sealed{.origin = std::string(origin), .id = {}, .made_up_id = false, .entries = {}};
  sealed.entries.push_back(
      {.kind = state.kind, .id = std::string(item_id), .text = {}, .data = json::plain(state.data)});
  return seal_as_bytes(sealed);
}

}  // namespace sluice::chat
