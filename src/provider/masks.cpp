#include "provider/masks.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "provider/sign/key_pool.h"
#include "provider/sign/signer.h"

namespace sluice::provider {

namespace {

constexpr std::size_t kShortestSecret = 8;
constexpr std::array<std::string_view, 6> kPublic{"accept",       "anthropic-beta", "anthropic-version",
                                                  "content-type", "openai-beta",    "user-agent"};

void mask_field(std::string_view name, std::string_view value, std::string& text) {
  const bool is_public = std::ranges::any_of(kPublic, [&](std::string_view one) { return iequals(one, name); });
  if (value.size() < kShortestSecret || is_public) return;
  mask_secret(text, value);
  const auto key = value.substr(value.find(' ') + 1);  // "Bearer KEY"
  if (key.size() >= kShortestSecret) mask_secret(text, key);
}

}  // namespace

void mask(const Provider& provider, std::string& text) {
  if (text.empty()) return;
  if (provider.signer) provider.signer->mask(text);
  if (provider.keys) provider.keys->mask(text);
  for (const auto& [name, value] : provider.headers) mask_field(name, value, text);
}

void mask(const Provider& provider, Fault& fault) {
  const bool is_its_word = fault.kind == FaultKind::kProviderError || fault.kind == FaultKind::kProviderStatus ||
                           fault.kind == FaultKind::kProviderProtocol;
  if (!is_its_word) return;
  for (auto* text : {&fault.told, &fault.detail, &fault.param, &fault.code}) mask(provider, *text);
}

}  // namespace sluice::provider
