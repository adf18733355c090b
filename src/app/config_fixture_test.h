// What the tests of configuration files share: files as texts, and the problems found in them.
//
// Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "app/config.h"

namespace sluice::app {

using Variables = std::map<std::string, std::string, std::less<>>;

inline Environment environment(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

inline Loaded parse(std::string_view yaml, Variables variables = {}) {
  return parse_config(yaml, "sluice.yaml", environment(std::move(variables)));
}

inline std::string all(const std::vector<Problem>& problems) {
  std::string text;
  for (const auto& problem : problems) text += to_text(problem) + "\n";
  return text;
}

inline Config valid(std::string_view yaml, Variables variables = {}) {
  Loaded loaded = parse(yaml, std::move(variables));
  EXPECT_EQ(all(loaded.problems), "");
  return std::move(loaded.config);
}

// Exactly one problem: at this line, of this field, its message holding this text.
inline void expect_problem(std::string_view yaml, int line, std::string_view field, std::string_view part,
                           Variables variables = {}) {
  auto problems = parse(yaml, std::move(variables)).problems;
  ASSERT_EQ(problems.size(), 1u) << all(problems) << "for\n" << yaml;
  EXPECT_EQ(problems[0].file, "sluice.yaml");
  EXPECT_EQ(problems[0].line, line) << all(problems);
  EXPECT_EQ(problems[0].field, field) << all(problems);
  EXPECT_NE(problems[0].message.find(part), std::string::npos) << all(problems);
}

inline constexpr std::string_view kOpenAi = "providers: { openai: { api_key: secret-1234 } }\n";
inline std::string with_openai(std::string_view rest) {
  return std::string(kOpenAi) + std::string(rest);
}

}  // namespace sluice::app
