#include "provider/masks.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/tell.h"
#include "provider/sign/key_pool.h"
#include "provider/sign/signer.h"

namespace sluice::provider {

namespace {

constexpr std::array<std::string_view, 6> kPublic{"accept",       "anthropic-beta", "anthropic-version",
                                                  "content-type", "openai-beta",    "user-agent"};

void mask_field(std::string_view name, std::string_view value, std::string& text) {
  const bool is_public = std::ranges::any_of(kPublic, [&](std::string_view one) { return iequals(one, name); });
  if (is_public) return;
  mask_secret(text, value);
  mask_secret(text, value.substr(value.find(' ') + 1));  // "Bearer KEY"
}

}  // namespace

void mask(const Provider& provider, std::string& text) {
  if (text.empty()) return;
  if (provider.signer) provider.signer->mask(text);
  if (provider.keys) provider.keys->mask(text);
  for (const auto& [name, value] : provider.headers) mask_field(name, value, text);
}

std::string without_secrets(const Provider& provider, std::string_view said) {
  if (said.empty()) return {};
  auto text = dialect::mask_secrets(said);
  mask(provider, text);
  return text;
}

Fault read_error(const Provider& provider, const dialect::Client& client, const http::ResponseHead& head,
                 std::string_view body, WallTime now) {
  const auto tellable = without_secrets(provider, body);
  auto fault = client.read_error(head.status, head.headers, tellable, now);
  if (tellable == body) return fault;
  const auto meant = client.read_error(head.status, head.headers, body, now);
  fault.meaning = meant.meaning;
  fault.retry = meant.retry;
  fault.retry_after = meant.retry_after;
  if (fault.answer && meant.answer) {
    auto answer = std::make_shared<ProviderAnswer>(*fault.answer);
    answer->concerns = meant.answer->concerns;
    fault.answer = std::move(answer);
  }
  return fault;
}

void mask(const Provider& provider, Fault& fault) {
  const bool is_its_word = fault.kind == FaultKind::kProviderError || fault.kind == FaultKind::kProviderStatus ||
                           fault.kind == FaultKind::kProviderProtocol;
  if (!is_its_word) return;
  for (auto* text : {&fault.told, &fault.detail, &fault.param, &fault.code}) mask(provider, *text);
}

}  // namespace sluice::provider
