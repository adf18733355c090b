// Prices as configured: a deployment's own, and the catalogue that providers' models are looked up in.
//
// Thread rule: pure but for reading a file.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/config.h"
#include "provider/catalogue/catalogue.h"
#include "provider/known.h"

namespace sluice::app {

// The file's catalogue over the built-in one; null where no file is configured. Faults: kInvalidConfig; a file without
// an entry is one too.
Result<std::unique_ptr<const provider::Catalogue>> load_catalogue(const std::string& file,
                                                                  const provider::Catalogue& built_in);
// Whether a file may take the place of what was read of it before. One that has lost half of its entries or more was
// cut, or is not complete yet. Fault: kInvalidConfig.
Status check_shrunk(const std::string& file, std::size_t entries_before, const provider::Catalogue& now);

// Whose models a provider's are in the catalogue; empty: nobody's there.
std::string catalogue_name(const ProviderConfig& config, const provider::Known& known,
                           const provider::Catalogue& catalogue);

// Nothing where no price is given.
std::optional<provider::Price> price_of(const PriceConfig& config);

}  // namespace sluice::app
