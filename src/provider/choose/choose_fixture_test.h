// What the tests of choosing share: a route whose deployments can be put into any state, and what is chosen as text.
//
// Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dialect/openai/endpoint.h"
#include "dialect/openai/openai.h"
#include "dialect/prompt.h"
#include "provider/choose/choose.h"
#include "provider/choose/moves.h"

namespace sluice::provider {

class ChooseTest : public ::testing::Test {
 protected:
  ChooseTest() {
    provider_.name = "p";
    provider_.clients = {&dialect::openai::client()};
    asking_.model = "fast";
    asking_.moves = &moves_;
  }

  Deployment& make(std::string name) {
    auto& made = *route_.deployments.emplace_back(std::make_unique<Deployment>());
    made.name = name;
    made.model = std::move(name);
    made.provider = &provider_;
    by_name_[made.name] = &made;
    return made;
  }
  // A choice of the group; the tree is finished by chosen().
  Choice& add(Group& group, std::string name, std::uint32_t weight = 1) {
    auto& choice = group.choices.emplace_back(choice_of(make(std::move(name))));
    choice.weight = weight;
    return choice;
  }
  Group& add_group(Group& group, Strategy strategy, std::uint32_t weight = 1) {
    auto& choice = group.choices.emplace_back();
    choice.weight = weight;
    choice.group = std::make_unique<Group>();
    choice.group->strategy = strategy;
    return *choice.group;
  }
  // a, b, c … as one flat group.
  void flat(Strategy strategy, std::vector<std::uint32_t> weights) {
    route_.tree.strategy = strategy;
    for (std::size_t i = 0; i < weights.size(); ++i)
      add(route_.tree, std::string(1, static_cast<char>('a' + i)), weights[i]);
  }

  Deployment& of(const std::string& name) { return *by_name_.at(name); }
  // Its breaker opens.
  void break_down(const std::string& name) {
    auto& breaker = of(name).health->breaker;
    for (std::uint32_t i = 0; i < route_.breaker.consecutive; ++i) {
      if (auto pass = breaker.enter(route_.breaker, at_))
        breaker.leave(route_.breaker, *pass, Breaker::Outcome::kFailed, at_);
    }
    ASSERT_FALSE(breaker.admits(route_.breaker, at_));
  }
  void mend(const std::string& name) { of(name).health->breaker.hold(Breaker::Hold::kNone); }

  Chosen chosen() {
    number(route_.tree);
    return choose({&route_, {}}, asking_, at_);
  }
  // "a b c"
  std::string order() {
    std::string text;
    for (const auto& target : chosen().order) text += (text.empty() ? "" : " ") + target.deployment->name;
    return text;
  }
  // How often each deployment is the first of `count` choices, in percent.
  std::map<std::string, double> shares(int count = 20'000) {
    std::map<std::string, double> shares;
    for (int i = 0; i < count; ++i) shares[chosen().order.at(0).deployment->name] += 100.0 / count;
    return shares;
  }
  std::string refusal() {
    auto nothing = chosen();
    EXPECT_TRUE(nothing.order.empty());
    return nothing_left({&route_, {}}, asking_, nothing).code;
  }

  Instant at_ = now();
  Provider provider_;
  Route route_;
  Moves moves_;
  Asking asking_;
  std::map<std::string, Deployment*> by_name_;
};

}  // namespace sluice::provider
