// Whether there are models of the names that keys and teams are given.
//
// Thread rule: pure. Faults are kInvalidRequest and name the field. What was there before is not asked again: a model
// may have gone from the configuration since.
#pragma once

#include "admin/ask.h"
#include "store/directory.h"

namespace sluice::admin {

Status check_models(const provider::Routes& routes, const store::Texts& before, const store::Texts& after);
Status check_aliases(const provider::Routes& routes, const store::Pairs& before, const store::Pairs& after);

}  // namespace sluice::admin
