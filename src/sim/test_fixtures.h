// What was recorded of the real providers, for tests.
//
// Thread rule: one thread.
#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "checkout.h"

namespace sluice::sim {

// A file of tests/fixtures.
inline boost::json::object fixture(std::string_view path) {
  std::ifstream file(in_checkout("tests/fixtures/") + std::string(path), std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  return boost::json::parse(text).as_object();
}

// The recorded cases of a folder there.
inline std::vector<boost::json::object> recorded(std::string_view folder) {
  std::vector<boost::json::object> cases;
  auto path = in_checkout("tests/fixtures/") + std::string(folder);
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() != ".json") continue;
    cases.push_back(fixture(std::string(folder) + "/" + entry.path().filename().string()));
  }
  return cases;
}

}  // namespace sluice::sim
