#include "provider/sign/ask.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "base/text.h"
#include "json/escaped.h"
#include "json/reader.h"
#include "net/limited.h"

namespace sluice::provider {

namespace {

constexpr std::size_t kMostOfAnswer = 64 << 10;
constexpr std::size_t kMostOfFile = 1 << 20;
constexpr int kDeepest = 3;

Task<Status> read_body(net::Call& call, std::string& body) {
  while (true) {
    auto bytes = co_await call.read();
    if (!bytes) co_return fail_from(bytes);
    if (bytes->empty()) co_return Status{};
    if (body.size() + bytes->size() > kMostOfAnswer) {
      co_return fail(FaultKind::kProviderProtocol, "",
                     fmt::format("the answer is larger than {} bytes", kMostOfAnswer));
    }
    body += *bytes;
  }
}

Task<Result<Asked>> send(SignTools& tools, const net::Origin& origin, const http::RequestHead& head,
                         std::string_view body, Ms limit) {
  net::Limited limited(tools.loop, tools.cancel, limit);
  const net::CallTimeouts timeouts{.connect = limit, .first_byte = limit, .idle = limit};
  const std::span<const std::string_view> pieces(&body, body.empty() ? 0 : 1);
  auto call = co_await tools.client.call(origin, head, pieces, timeouts, limited.cancel());
  if (!call) co_return fail_from(call);
  std::string text;
  auto read = co_await read_body(**call, text);
  if (!read) co_return fail_from(read);
  co_return Asked{(*call)->head().status, Secret(std::move(text))};
}

std::string why_of(const Fault& fault, Ms limit) {
  if (fault.kind == FaultKind::kProviderTimeout) return "there was no answer within " + format_duration(limit.count());
  if (fault.kind == FaultKind::kUnreachable) return "it cannot be reached";
  if (fault.kind == FaultKind::kOverloaded) return "no connection was free";
  if (fault.kind == FaultKind::kProviderProtocol) return "its answer cannot be understood";
  return "the connection broke";
}

}  // namespace

Fault not_fetched(FaultKind kind, std::string_view what, std::string_view host, std::string_view why) {
  return {.kind = kind,
          .told = fmt::format("{} could not be fetched from {}: {}.", what, host, why),
          .retry = Retry::kOther,
          .code = "credentials_unavailable"};
}

Task<Result<Asked>> ask(SignTools& tools, const net::Origin& origin, const http::RequestHead& head,
                        std::string_view body, Ms limit, std::string_view what) {
  if (tools.cancel.cancelled()) co_return fail(tools.cancel.reason());
  auto answer = co_await send(tools, origin, head, body, limit);
  if (answer) co_return answer;
  if (tools.cancel.cancelled()) co_return fail(tools.cancel.reason());
  const auto& cause = answer.error();
  const bool lost = cause.kind == FaultKind::kConnectionLost || cause.kind == FaultKind::kTruncated;
  auto fault = not_fetched(lost ? FaultKind::kUnreachable : cause.kind, what, origin.host, why_of(cause, limit));
  fault.detail = cause.told.empty() ? cause.detail : cause.told;
  co_return fail(std::move(fault));
}

Fault refused(std::string_view what, std::string_view host, const Asked& answer) {
  auto fault = not_fetched(FaultKind::kUnreachable, what, host, fmt::format("the answer was {}", answer.status));
  const auto members = Members::read(answer.body.reveal());
  if (!members) return fault;
  // A description may repeat what was sent.
  for (auto name : {"error", "code", "Code"}) {
    const auto code = members->get(name);
    auto plain = [](char c) { return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '_' || c == '-'; };
    if (code.empty() || code.size() > 40 || !std::ranges::all_of(code, plain)) continue;
    fault.detail = "error code " + std::string(code);
    break;
  }
  return fault;
}

Fault not_understood(std::string_view what, std::string_view host, std::string_view why) {
  return not_fetched(FaultKind::kProviderProtocol, what, host, fmt::format("the answer {}", why));
}

std::expected<Members, std::pair<std::size_t, std::string>> Members::read(std::string_view json) {
  auto broken = [](const json::Broken& found) {
    return std::unexpected(std::pair(found.offset, std::string(found.why)));
  };
  json::Reader reader;
  auto cursor = reader.scan_copy(json);
  if (!cursor) return broken(cursor.error());
  Members members;
  const bool object = members.read_object(*cursor, 0);
  if (!cursor->finish() && cursor->broken()) return broken(*cursor->broken());
  if (!object) return broken({0, "an object is expected"});
  return members;
}

bool Members::read_object(json::Cursor& cursor, int depth) {
  return json::each_member(cursor, [&](std::string_view key) {
    std::string name(key);
    if (cursor.kind() == json::Kind::kString) {
      if (auto text = json::take_string(cursor))
        members_.emplace_back(std::move(name), Secret(json::plain(*text)), depth);
    } else if (cursor.kind() == json::Kind::kNumber) {
      members_.emplace_back(std::move(name), Secret(std::string(cursor.skip())), depth);
    } else if (cursor.kind() == json::Kind::kObject && depth < kDeepest) {
      read_object(cursor, depth + 1);
    }
  });
}

std::string_view Members::get(std::string_view name) const {
  const Member* found = nullptr;
  for (const auto& member : members_) {
    if (member.name == name && (!found || member.depth < found->depth)) found = &member;
  }
  return found ? found->value.reveal() : std::string_view{};
}

bool is_token(std::string_view text) {
  auto visible = [](char c) { return c > 0x20 && c < 0x7f; };
  return !text.empty() && std::ranges::all_of(text, visible);
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text;
  std::array<char, 4096> buffer{};
  while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMostOfFile) return std::nullopt;
  }
  if (file.bad()) return std::nullopt;
  return text;
}

Task<std::optional<std::string>> read_on_worker(SignTools& tools, std::string path) {
  std::optional<std::string> text;
  co_await net::offload(tools.loop, tools.workers, [&] { text = read_file(path); });
  co_return text;
}

std::string variable(const Surroundings& surroundings, std::string_view name) {
  return surroundings.environment(name).value_or("");
}

}  // namespace sluice::provider
