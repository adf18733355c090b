// The catalogue that is part of the program. CMakeLists.txt gives this file the digest of the data, so that a compiler
// cache which knows nothing of #embed sees it change.
#include <stdexcept>

#include "provider/catalogue/catalogue.h"

namespace sluice::provider {

namespace {

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char kModels[] = {
#embed "../../../data/models.json"
};
#pragma clang diagnostic pop

}  // namespace

std::unique_ptr<const Catalogue> Catalogue::built_in() {
  auto catalogue = load({kModels, sizeof(kModels)});
  if (!catalogue) throw std::logic_error("the catalogue of models: " + catalogue.error().told);
  return std::move(*catalogue);
}

}  // namespace sluice::provider
