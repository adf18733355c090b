// The callers of a configuration, as the roster takes them.
//
// Thread rule: pure.
#pragma once

#include "admin/roster.h"
#include "app/config.h"

namespace sluice::app {

// Of a configuration that was checked; its keys are taken out of it.
admin::Roster::File callers_of(Config& config, const Secret& master_key);

}  // namespace sluice::app
