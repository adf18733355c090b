// Would a start go on from this configuration? Builds what a start builds, of parts that are thrown away: no socket, no
// data directory, nothing sent.
//
// Thread rule: pure but for reading the files that the configuration names.
#pragma once

#include <vector>

#include "app/config.h"

namespace sluice::app {

// What a start would refuse beyond the file's own mistakes: other files that are named, and what the environment says.
std::vector<Problem> rehearse(Config config, const Environment& environment);

}  // namespace sluice::app
