#include "provider/catalogue/catalogue.h"

#include <array>
#include <bit>

namespace sluice::provider {

namespace {

// In the order of their bits.
constexpr std::array<std::string_view, 19> kAbilities = {"assistant_prefill",
                                                         "audio_input",
                                                         "audio_output",
                                                         "developer_role",
                                                         "json_mode",
                                                         "mid_conversation_system",
                                                         "n",
                                                         "parallel_tools",
                                                         "pdf",
                                                         "prompt_caching",
                                                         "reasoning",
                                                         "sampling_params",
                                                         "streaming",
                                                         "strict_tools",
                                                         "structured_output",
                                                         "tools",
                                                         "video_input",
                                                         "vision",
                                                         "web_search"};

// A model's name within the name of a resource. Those of somebody's own making (a profile, an endpoint, a deployment)
// name no model, and stay what they are: not known.
std::string_view bare_name(std::string_view name) {
  // Gemini, Vertex.
  constexpr std::string_view kModels = "models/";
  constexpr std::string_view kPublishers = "publishers/";
  if (name.starts_with(kModels)) return name.substr(kModels.size());
  if (auto at = name.rfind(kPublishers); at == 0 || (at != std::string_view::npos && name.starts_with("projects/"))) {
    const auto model = name.find("/models/", at);
    return model == std::string_view::npos ? name : name.substr(model + 1 + kModels.size());
  }
  // Bedrock. Source: the formats of its resources in the IAM reference.
  if (!name.starts_with("arn:")) return name;
  for (const std::string_view kind : {":inference-profile/", ":foundation-model/"}) {
    if (auto at = name.find(kind); at != std::string_view::npos) return name.substr(at + kind.size());
  }
  return name;
}

}  // namespace

std::string_view name(Ability ability) {
  return kAbilities[static_cast<std::size_t>(std::countr_zero(static_cast<std::uint32_t>(ability)))];
}

std::optional<Ability> ability_of(std::string_view name) {
  for (std::size_t i = 0; i < kAbilities.size(); ++i) {
    if (kAbilities[i] == name) return static_cast<Ability>(std::uint32_t{1} << i);
  }
  return std::nullopt;
}

std::optional<bool> Model::able(Ability ability) const {
  const auto bit = static_cast<std::uint32_t>(ability);
  if ((can & bit) != 0) return true;
  if ((cannot & bit) != 0) return false;
  return std::nullopt;
}

const Model* Catalogue::find(std::string_view provider, std::string_view name) const {
  auto models = by_provider_.find(provider);
  if (models == by_provider_.end()) return nullptr;
  auto found = models->second.find(name);
  if (found == models->second.end()) found = models->second.find(bare_name(name));
  return found == models->second.end() ? nullptr : found->second;
}

const Model* Catalogue::add(Model model) {
  const Model& kept = models_.emplace_back(std::move(model));
  ByName& names = by_provider_[kept.provider];
  if (auto [at, fresh] = names.emplace(kept.id, &kept); !fresh) return at->second;
  for (const auto& alias : kept.aliases) {
    if (auto [at, fresh] = names.emplace(alias, &kept); !fresh) return at->second;
  }
  return nullptr;
}

void Catalogue::keep(const Catalogue& below) {
  for (const Model& model : below.models_) {
    ByName& names = by_provider_[model.provider];
    if (names.find(model.id) != names.end()) continue;
    const Model& kept = models_.emplace_back(model);
    names.emplace(kept.id, &kept);
    for (const auto& alias : kept.aliases) names.emplace(alias, &kept);  // a name above stays what it is there
  }
}

}  // namespace sluice::provider
