// What a drill found, as Markdown for people and as JSON for machines.
//
// Thread rule: pure.
#pragma once

#include <span>
#include <string>

#include "app/drill/verdict.h"

namespace sluice::app {

std::string drill_markdown(const DrillPlan& plan, const DrillVerdict& verdict, std::span<const DrillSample> samples);
std::string drill_json(const DrillPlan& plan, const DrillVerdict& verdict);

}  // namespace sluice::app
