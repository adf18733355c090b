// sluice drill: makes one deployment of a staging gateway fail under traffic and tells whether an application would
// have noticed.
//
// Thread rule: the main thread. A fault that was injected ends by itself, also when the command is killed.
#pragma once

#include "app/drill/sample.h"
#include "base/secret.h"

namespace sluice::app {

struct DrillOptions {
  enum class Print { kMarkdown, kJson };

  std::string gateway;
  Secret key;
  DrillPlan plan;      // without a model: the one route that leads to the deployment
  std::string report;  // a file for the Markdown; empty: none
  Print print = Print::kMarkdown;
};

// 0: the application would not have noticed; 1: it would have; 2: the drill could not be made, or proves nothing.
int drill(DrillOptions options);

}  // namespace sluice::app
