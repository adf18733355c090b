#include "provider/catalogue/catalogue.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "checkout.h"
#include "provider/known.h"

namespace sluice::provider::catalogue_test {
namespace {

const Catalogue& ours() {
  static const auto kCatalogue = Catalogue::built_in();
  return *kCatalogue;
}

std::string id_of(std::string_view provider, std::string_view name) {
  const Model* model = ours().find(provider, name);
  return model ? model->id : "unknown";
}

// The price of an item in the catalogue, as text.
std::string price(std::string_view provider, std::string_view name, Item item) {
  const Model* model = ours().find(provider, name);
  if (model == nullptr) return "no model";
  const auto& found = model->price.rates[item];
  return found ? to_text(*found) : "unknown";
}

// A catalogue of one model with these fields behind its name.
std::string with(std::string_view fields) {
  return R"({"schema":1,"date":"2026-11-22","models":[{"provider":"p","id":"m",)" + std::string(fields) + "}]}";
}
std::string mistake(std::string_view json) {
  const auto loaded = Catalogue::load(json);
  return loaded ? "none" : loaded.error().told;
}

TEST(Catalogue, IsReadFromTheProgram) {
  EXPECT_GT(ours().models().size(), 400u);
  EXPECT_EQ(ours().date().size(), 10u);
  EXPECT_EQ(price("openai", "gpt-4o", Item::kInput), "2.5");
  EXPECT_EQ(price("anthropic", "claude-opus-5-5", Item::kCacheWrite1h), "8");
  EXPECT_EQ(ours().find("openai", "gpt-4o")->context_window, 128'000u);
}

TEST(Catalogue, ItsProvidersAreOnesWeKnow) {
  for (const Model& model : ours().models()) {
    // Voyage is spoken to as a server of type openai that is named so.
    if (model.provider != "voyage") EXPECT_NE(find_known(model.provider), nullptr) << model.provider;
    EXPECT_FALSE(model.source.empty()) << model.id;
    EXPECT_FALSE(model.date.empty()) << model.id;
    const bool priced = model.price.rates[Item::kInput] || model.price.rates[Item::kRequest];
    EXPECT_TRUE(priced) << model.id;
  }
}

TEST(Catalogue, IsTheFileInTheRepository) {
  std::ifstream file(in_checkout("data/models.json"), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto loaded = Catalogue::load(text);
  ASSERT_TRUE(loaded) << loaded.error().told;
  ASSERT_EQ((*loaded)->models().size(), ours().models().size());
  for (const Model& model : (*loaded)->models()) {
    const Model* found = ours().find(model.provider, model.id);
    ASSERT_NE(found, nullptr) << model.id;
    EXPECT_EQ(found->price.rates, model.price.rates) << model.id;
  }
}

TEST(Catalogue, FindsSnapshotsThatAreListedAndGuessesNone) {
  EXPECT_EQ(id_of("openai", "gpt-4o-2024-08-06"), "gpt-4o");
  EXPECT_EQ(id_of("openai", "gpt-4o-2024-05-13"), "gpt-4o-2024-05-13");
  EXPECT_EQ(price("openai", "gpt-4o-2024-05-13", Item::kInput), "5") << "the first snapshot costs twice as much";
  EXPECT_EQ(id_of("openai", "gpt-4o-2099-01-01"), "unknown");
  EXPECT_EQ(id_of("openai", "gpt-4o-mini-2024-07-18"), "gpt-4o-mini");
  EXPECT_EQ(id_of("openai", "gpt-4o-"), "unknown");
  EXPECT_EQ(id_of("openai", "GPT-4o"), "unknown");
  EXPECT_EQ(id_of("openai", ""), "unknown");
  EXPECT_EQ(id_of("anthropic", "claude-haiku-4-5-20251001"), "claude-haiku-4-5");
  EXPECT_EQ(id_of("anthropic", "gpt-4o"), "unknown") << "another provider's model";
  EXPECT_EQ(id_of("ollama", "llama3"), "unknown");
  EXPECT_EQ(id_of("mistral", "mistral-large-latest"), "mistral-large-2512");
}

TEST(Catalogue, FindsHostedNames) {
  EXPECT_EQ(id_of("bedrock", "anthropic.claude-haiku-4-5-20251001-v1:0"), "anthropic.claude-haiku-4-5-20251001-v1:0");
  EXPECT_EQ(price("bedrock", "anthropic.claude-opus-5-5", Item::kInput), "4");
  EXPECT_EQ(price("bedrock", "us.anthropic.claude-opus-5-5", Item::kInput), "4.4") << "a region has its own price";
  EXPECT_EQ(price("bedrock", "global.anthropic.claude-opus-5-5", Item::kInput), "4");
  EXPECT_EQ(id_of("bedrock", "mars.anthropic.claude-opus-5-5"), "unknown");
  EXPECT_EQ(id_of("bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-5-5"),
            "us.anthropic.claude-opus-5-5");
  EXPECT_EQ(id_of("bedrock", "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-5-5"),
            "anthropic.claude-opus-5-5");
  EXPECT_EQ(id_of("bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/x1y2z3"), "unknown");
  EXPECT_EQ(id_of("vertex", "claude-haiku-4-5@20251001"), "claude-haiku-4-5");
  EXPECT_EQ(id_of("vertex", "claude-haiku-4-5@20990101"), "unknown");
  EXPECT_EQ(id_of("vertex", "publishers/google/models/gemini-2.5-pro"), "gemini-2.5-pro");
  EXPECT_EQ(id_of("vertex", "projects/p/locations/l/publishers/google/models/gemini-2.5-pro"), "gemini-2.5-pro");
  EXPECT_EQ(id_of("vertex", "projects/p/locations/l/endpoints/123"), "unknown");
  EXPECT_EQ(id_of("gemini", "models/gemini-2.5-pro"), "gemini-2.5-pro");
  EXPECT_EQ(id_of("azure", "our-gpt"), "unknown") << "a deployment is named as one likes";
}

TEST(Catalogue, WhatIsNotListedIsNotKnown) {
  const Model* model = ours().find("anthropic", "claude-fable-5-1");
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->able(Ability::kTools), true);
  EXPECT_EQ(model->able(Ability::kSamplingParams), false);
  EXPECT_EQ(model->able(Ability::kAudioInput), std::nullopt);
  EXPECT_EQ(model->max_input, std::nullopt);
  EXPECT_EQ(price("openai", "gpt-4o", Item::kCacheWrite1h), "unknown");
  EXPECT_EQ(price("openai", "gpt-4o", Item::kAudioInput), "unknown");
}

TEST(Catalogue, AFileStandsOverAnother) {
  const auto over = Catalogue::load(
      R"({"schema":1,"date":"2026-12-01","models":[
          {"provider":"openai","id":"gpt-4o","prices":{"input":"1","output":"2"}},
          {"provider":"mine","id":"m","aliases":["gpt"],"prices":{"request_per_1k":"0.5"}}]})",
      ours());
  ASSERT_TRUE(over) << over.error().told;
  EXPECT_EQ(to_text(*(*over)->find("openai", "gpt-4o")->price.rates[Item::kInput]), "1");
  EXPECT_EQ((*over)->find("openai", "gpt-4o")->price.rates[Item::kCacheRead], std::nullopt) << "it stands alone";
  EXPECT_EQ((*over)->find("mine", "gpt")->id, "m");
  EXPECT_EQ((*over)->find("anthropic", "claude-opus-5-5")->id, "claude-opus-5-5");
  EXPECT_EQ((*over)->find("openai", "gpt-4o-2024-08-06"), nullptr) << "an alias goes with its entry";
  EXPECT_EQ((*over)->date(), "2026-12-01");
}

TEST(Catalogue, MistakesNameEntryAndField) {
  EXPECT_EQ(mistake(with(R"("prices":{"input":"0.1"})")), "none");
  EXPECT_EQ(mistake(with(R"("prices":{"input":"0,1"})")),
            "p/m: prices.input '0,1' holds something else than digits and one point");
  EXPECT_EQ(mistake(with(R"("prices":{"input":0.1})")), "p/m: prices.input is no text");
  EXPECT_EQ(mistake(with(R"("prices":{"input":""})")), "p/m: prices.input is empty");
  EXPECT_EQ(mistake(with(R"("prices":{"input":"-1"})")), "p/m: prices.input is negative");
  EXPECT_EQ(mistake(with(R"("prices":{"input":"1000001"})")), "p/m: prices.input is more than 1000000 dollars");
  EXPECT_EQ(mistake(with(R"("prices":{"inputs":"1"})")), "p/m: prices.inputs is nothing that has a price");
  EXPECT_EQ(mistake(with(R"("prices":{"web_search":"1"})")), "p/m: prices.web_search is nothing that has a price");
  EXPECT_EQ(mistake(with(R"("prices":[])")), "p/m: prices. is no object");
  EXPECT_EQ(mistake(with(R"("mode":"chat")")), "p/m: prices is missing");
  EXPECT_EQ(mistake(with(R"("mode":"song","prices":{})")), "p/m: mode is none of chat, embedding, rerank, realtime");
  EXPECT_EQ(mistake(with(R"("context_window":"8k","prices":{})")),
            "p/m: context_window is no whole number up to 1000000000000");
  EXPECT_EQ(mistake(with(R"("can":["fly"],"prices":{})")), "p/m: can 'fly' is nothing a model can do");
  EXPECT_EQ(mistake(with(R"("colour":1,"prices":{})")), "p/m: colour is no field of a model");
  EXPECT_EQ(mistake(with(R"("retires":"2026-02-30","prices":{})")), "p/m: retires is no day such as 2026-12-01");
  EXPECT_EQ(mistake(with(R"("prices":{},"factors":{"flex":"0.0005"})")), "p/m: factors.flex has more than 3 decimals");
  EXPECT_EQ(mistake(with(R"("prices":{},"factors":{"flex":"half"})")),
            "p/m: factors.flex 'half' holds something else than digits and one point");
}

TEST(Catalogue, MistakesOfChangingPricesNameTheirPlace) {
  EXPECT_EQ(mistake(with(R"("prices":{},"tiers":[{"above":5,"prices":{}},{"from":6,"prices":{}}])")),
            "p/m: tiers[1].above is not more than that of the last");
  EXPECT_EQ(mistake(with(R"("prices":{},"tiers":[{"prices":{"output":"x"}}])")),
            "p/m: tiers[0].prices.output 'x' holds something else than digits and one point");
  EXPECT_EQ(mistake(with(R"("prices":{},"tiers":[{"prices":{}}])")), "p/m: tiers[0].above is missing");
  EXPECT_EQ(mistake(with(R"("prices":{},"later":[{"from":"soon","prices":{}}])")),
            "p/m: later[0].from is no day such as 2026-12-01");
  EXPECT_EQ(
      mistake(with(R"("prices":{},"later":[{"from":"2026-01-01","prices":{}}],"tiers":[{"above":1,"prices":{}}])")),
      "p/m: has two of tiers, later and off_peak");
  EXPECT_EQ(mistake(with(R"("prices":{},"off_peak":{"peak_hours_utc":[[4,1]],"prices":{}})")),
            "p/m: off_peak.peak_hours_utc holds no pair of hours");
  EXPECT_EQ(mistake(with(R"("prices":{},"variants":[{"id":"m","prices":{}}])")), "p/m: has a name that m has too");
  EXPECT_EQ(mistake(with(R"("prices":{},"variants":[{"id":"us.m","mode":"chat","prices":{}}])")),
            "models[0]: variants[0]: mode is no field of a variant");
}

TEST(Catalogue, MistakesOfTheFileAreTold) {
  EXPECT_EQ(mistake("[]"), "expected an object");
  EXPECT_EQ(mistake("{}"), "schema is missing");
  EXPECT_EQ(mistake(R"({"schema":2})"), "schema is not 1, the only one this program reads");
  EXPECT_EQ(mistake(R"({"schema":1,"prices":[]})"), "prices is no field of a catalogue");
  EXPECT_EQ(mistake(R"({"schema":1,"models":[{"id":"m","prices":{}}]})"), "models[0]: provider is missing");
  EXPECT_EQ(mistake(R"({"schema":1,"models":[7]})"), "models[0]: is no object");
  // Whatever is cut off.
  const std::string whole = with(R"("prices":{"input":"1","output":"2"},"tiers":[{"above":9,"prices":{"input":"2"}}])");
  ASSERT_EQ(mistake(whole), "none");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(mistake(whole.substr(0, size)).starts_with("byte ")) << size << " " << mistake(whole.substr(0, size));
  }
}

}  // namespace
}  // namespace sluice::provider::catalogue_test
