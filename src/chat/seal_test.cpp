#include "chat/seal.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/digest.h"

namespace sluice::chat::seal_test {
namespace {

using enum State::Kind;

std::string bytes() {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  return all;
}

bool is_name(std::string_view text) {
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
         std::string_view::npos;
}

Sealed sealed(std::string id, std::vector<SealedEntry> entries) {
  return {.origin = "anthropic-eu", .id = std::move(id), .made_up_id = false, .entries = std::move(entries)};
}

void expect_opens(const Sealed& value) {
  const std::string text = seal(value);
  EXPECT_TRUE(is_name(text)) << text;
  const auto opened = open_seal(text);
  ASSERT_TRUE(opened) << text;
  EXPECT_EQ(opened->origin, value.origin);
  EXPECT_EQ(opened->id, value.id);
  EXPECT_EQ(opened->made_up_id, value.made_up_id);
  EXPECT_EQ(opened->entries, value.entries);
}

TEST(Seal, OpensAsWhatItWas) {
  expect_opens(sealed("", {}));
  expect_opens(sealed("toolu_01-A", {}));
  expect_opens(sealed("functions.get_weather:0", {}));
  expect_opens(sealed("\xc3\xa9 \n", {{kThought, "", "", "c2ln"}}));
  expect_opens(sealed("toolu_1", {{kSignature, "", "Think.\n", "sig=="}, {kRedacted, "", "", bytes()}}));
  expect_opens(sealed("fc_1", {{kEncrypted, "rs_1", "", std::string(100'000, 'x')}, {kPlain, "", bytes(), ""}}));
  expect_opens(sealed("c", {{.kind = kSignature, .data = "s", .after = 7}, {.kind = kPlain, .text = "t"}}));
  expect_opens({.origin = bytes(), .id = "x", .made_up_id = true, .entries = {}});
}

TEST(Seal, ShowsAnIdThatFits) {
  EXPECT_TRUE(seal(sealed("toolu_1", {})).starts_with("toolu_1_sl1_A"));
  EXPECT_TRUE(seal(sealed("a.b", {})).starts_with("call_sl1_A"));
}

TEST(Seal, MayStandBehindAnotherGatewaysSeal) {
  const std::string inner = seal(sealed("toolu_1", {{kThought, "", "", "inner"}}));
  expect_opens(sealed(inner, {{kThought, "", "", "outer"}}));
  expect_opens(sealed(seal(sealed(inner, {})), {{kThought, "", "", "third"}}));
  expect_opens(sealed("a_sl1_", {}));
  expect_opens(sealed("_sl1_A_sl1_AAAAAAA", {{kPlain, "", "x", ""}}));
}

TEST(OpenSeal, TakesNothingThatIsCutOrChanged) {
  const std::string text = seal(sealed("toolu_1", {{kSignature, "i", "Think.", "sig"}, {kPlain, "", "x", ""}}));
  const std::string good = *base64_decode(text.substr(text.find("_sl1_") + 5));
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(open_seal(text.substr(0, size))) << size;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      EXPECT_FALSE(open_seal("toolu_1_sl1_" + base64url(bad))) << i << " " << bit;
    }
  }
  EXPECT_FALSE(open_seal(text + "x"));
  EXPECT_FALSE(open_seal(text + "!"));
  for (std::string_view other : {"", "_sl1_", "_sl1_A", "toolu_1", "_sl1_AAAA", "_sl1_AAAAAAAA", "_sl1__sl1__sl1_"}) {
    EXPECT_FALSE(open_seal(other)) << other;
  }
}

// A payload of somebody's own making with the checksum that belongs to it.
std::string forged(std::string payload) {
  const Sha256 hash = sha256(payload);
  payload.append(reinterpret_cast<const char*>(hash.data()), 4);
  return "call_sl1_" + base64url(payload);
}

TEST(OpenSeal, TakesNoPayloadThatIsNone) {
  EXPECT_TRUE(open_seal(forged(std::string("\0\1p", 3))));
  const std::string_view kBad[]{
      {"", 0},
      {"\0", 1},
      {"\0\2p", 3},                                    // the origin is cut
      {"\0\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10},  // lengths beyond any text
      {"\0\x80\x80\x80\x80\x80\x01p", 8},
      {"\0\1p\1", 4},          // an entry without its members
      {"\0\1p\1\0\0\5x", 8},   // with one that is cut
      {"\0\1p\x63\0\0\0", 7},  // of no kind
      {"\2\1p", 3},            // the id is missing
  };
  for (std::string_view bad : kBad) EXPECT_FALSE(open_seal(forged(std::string(bad)))) << base64url(bad);
  std::string many("\0\1p", 3);
  for (int i = 0; i < 300; ++i) many.append("\1\0\0\0", 4);
  EXPECT_FALSE(open_seal(forged(many)));
}

TEST(OpenSeal, IsNotKeptBusy) {
  std::string marks;
  for (int i = 0; i < 200'000; ++i) marks += "_sl1_A";
  EXPECT_FALSE(open_seal(marks));
  EXPECT_FALSE(may_hold_seal(marks));
  EXPECT_FALSE(may_hold_seal(marks + "\"" + marks));
  const std::string id = seal(sealed("call_1", {}));
  EXPECT_FALSE(open_seal(marks + id)) << "that many marks are no gateways";
}

TEST(MayHoldSeal, FindsItAnywhereInABody) {
  const std::string id = sealed_call_id("p", "call_1", false, {.kind = kThought, .data = {"c2ln"}});
  EXPECT_TRUE(may_hold_seal(R"({"tool_call_id":")" + id + R"("})"));
  EXPECT_TRUE(may_hold_seal(id));
  EXPECT_TRUE(may_hold_seal(R"({"a":"x_sl1_y","b":"_sl1_AAAA","tool_call_id":")" + id + "\"}"));
  EXPECT_FALSE(may_hold_seal(R"({"content":"Seals begin with _sl1_ and go on."})"));
  EXPECT_FALSE(may_hold_seal(""));
  EXPECT_FALSE(may_hold_seal(R"({"image":")" + std::string(20 << 20, 'A') + "\"}"));
  EXPECT_FALSE(may_hold_seal(id.substr(0, id.size() - 1)));
  for (const char* before : {"x", "s", "sl", "sl1", "_sl1", "\xff"}) {
    std::string body;
    while (body.size() < 200) {
      body += before;
      EXPECT_TRUE(may_hold_seal(body + "\"" + id)) << body;
      EXPECT_FALSE(may_hold_seal(body)) << body;
    }
  }
}

TEST(SealedCallId, LeavesAnIdAloneThatNeedsNothing) {
  EXPECT_EQ(sealed_call_id("p", "toolu_01AbC-9", false, {}), "toolu_01AbC-9");
  EXPECT_EQ(sealed_call_id("p", "a.b", false, {}).substr(0, 10), "call_sl1_A");
  EXPECT_NE(sealed_call_id("p", "call_1", true, {}), "call_1");
  const auto opened = open_seal(sealed_call_id("p", "call_1", true, {}));
  EXPECT_TRUE(opened->made_up_id);
  EXPECT_EQ(opened->id, "call_1");
}

TEST(SealedCallId, SealsWhatWouldOpenOtherwise) {
  const std::string inner = sealed_call_id("other", "call_1", true, {});
  const std::string outer = sealed_call_id("p", inner, false, {});
  EXPECT_NE(outer, inner);
  EXPECT_EQ(open_seal(outer)->id, inner);
  EXPECT_EQ(open_seal(outer)->origin, "p");
}

TEST(SealedCallId, CarriesTheStateLast) {
  const std::vector<SealedEntry> before{{kSignature, "", "Think.", "s1"}};
  const auto opened = open_seal(sealed_call_id("p", "c", false, {.kind = kThought, .data = {R"(a\u002fb)"}}, before));
  ASSERT_EQ(opened->entries.size(), 2u);
  EXPECT_EQ(opened->entries[0], before[0]);
  EXPECT_EQ(opened->entries[1], (SealedEntry{kThought, "", "", "a/b"}));
}

// ---- unseal

Part text(std::string_view words) {
  Part part;
  part.text = {words};
  return part;
}
Part reasoning(std::string_view words, State state) {
  Part part;
  part.kind = PartKind::kReasoning;
  part.text = {words};
  part.state = state;
  return part;
}

class Unseal : public ::testing::Test {
 protected:
  Part call(std::string id) {
    Part part;
    part.kind = PartKind::kCall;
    part.id = {request_.texts.keep(std::move(id))};
    part.name = {"f"};
    return part;
  }
  Part result(std::string id) {
    Part part = call(std::move(id));
    part.kind = PartKind::kResult;
    return part;
  }
  State sealed(std::string_view origin, const State& state, std::string_view id = {}) {
    return {.kind = kEncrypted, .data = {request_.texts.keep(sealed_state(origin, state, id))}};
  }
  // The parts of one assistant turn after unseal().
  std::vector<Part>& unsealed(std::vector<Part> parts, StateOf of = StateOf::kOtherDialect) {
    request_.turns.push_back({.role = Role::kAssistant, .parts = std::move(parts)});
    unseal(request_, "p", of);
    return request_.turns.front().parts;
  }
  bool has_lost() const {
    return request_.lost.size() == 1 && request_.lost[0].path == "reasoning state" &&
           request_.lost[0].unplaced == Unplaced::kDropped;
  }

  Request request_;
};

TEST_F(Unseal, GivesACallItsIdAndStateBack) {
  const std::string id = sealed_call_id("p", "call_0", true, {.kind = kThought, .data = {"c2ln"}});
  auto& parts = unsealed({call(id), result(id)});
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].id.raw, "call_0");
  EXPECT_TRUE(parts[0].made_up_id);
  EXPECT_EQ(parts[0].state.kind, kThought);
  EXPECT_EQ(parts[0].state.data.raw, "c2ln");
  EXPECT_EQ(parts[0].state.origin, "p");
  EXPECT_EQ(parts[1].id.raw, "call_0");
  EXPECT_EQ(parts[1].state.kind, kNone);
  EXPECT_TRUE(request_.lost.empty());
}

TEST_F(Unseal, RestoresIdsOutsideOfTheAlphabetAsJson) {
  auto& parts = unsealed({call(sealed_call_id("p", "functions.a:\"0\"", false, {}))});
  EXPECT_EQ(parts[0].id.raw, R"(functions.a:\"0\")");
  EXPECT_FALSE(parts[0].made_up_id);
}

TEST_F(Unseal, PutsReasoningBeforeTheTextAndTheCall) {
  const std::vector<SealedEntry> before{{kSignature, "", "Hm \"a\"", "s1"}, {kRedacted, "", "", "r1"}};
  auto& parts = unsealed({text("I look."), call(sealed_call_id("p", "toolu_1", false, {}, before)), call("toolu_2")});
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts[0].kind, PartKind::kReasoning);
  EXPECT_EQ(parts[0].text.raw, R"(Hm \"a\")");
  EXPECT_EQ(parts[0].state.kind, kSignature);
  EXPECT_EQ(parts[0].state.data.raw, "s1");
  EXPECT_EQ(parts[1].state.kind, kRedacted);
  EXPECT_EQ(parts[1].state.data.raw, "r1");
  EXPECT_EQ(parts[2].text.raw, "I look.");
  EXPECT_EQ(parts[3].id.raw, "toolu_1");
  EXPECT_EQ(parts[4].id.raw, "toolu_2");
}

TEST_F(Unseal, PutsReasoningBetweenTheTextsItCameBetween) {
  const std::vector<SealedEntry> before{{.kind = kSignature, .text = "Hm", .data = "s1"},
                                        {.kind = kRedacted, .data = "r1", .after = 3},
                                        {.kind = kSignature, .text = "So", .data = "s2", .after = 5}};
  const std::vector<SealedEntry> then{{.kind = kSignature, .text = "Oh", .data = "s3", .after = 5}};
  auto& parts = unsealed({text(R"(\u00e9\n.ab)"), call(sealed_call_id("p", "a", false, {}, before)),
                          call(sealed_call_id("p", "b", false, {}, then))});
  std::string order;
  for (const Part& part : parts) {
    order += std::string(part.kind == PartKind::kCall ? part.id.raw : part.text.raw) + "|";
    order += std::string(part.state.data.raw) + "; ";
  }
  EXPECT_EQ(order, R"(Hm|s1; \u00e9\n.|; |r1; ab|; So|s2; a|; Oh|s3; b|; )");
}

TEST_F(Unseal, PutsReasoningBetweenCallsInItsPlace) {
  const std::vector<SealedEntry> before{{kEncrypted, "rs_2", "", "e2"}};
  auto& parts = unsealed({call("a"), call(sealed_call_id("p", "b", false, {}, before))});
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[1].kind, PartKind::kReasoning);
  EXPECT_EQ(parts[1].id.raw, "rs_2");
  EXPECT_EQ(parts[1].state.kind, kEncrypted);
}

TEST_F(Unseal, GivesATextItsThoughtStateBack) {
  const std::vector<SealedEntry> before{{kPlain, "", "Hm", ""}, {kThought, "", "", "of text"}};
  auto& parts =
      unsealed({text("Said."), call(sealed_call_id("p", "a", false, {.kind = kThought, .data = {"of call"}}, before))});
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].state.kind, kPlain);
  EXPECT_EQ(parts[0].text.raw, "Hm");
  EXPECT_EQ(parts[1].state.data.raw, "of text");
  EXPECT_EQ(parts[2].state.data.raw, "of call");
}

TEST_F(Unseal, ReplacesTheStateOfReasoning) {
  auto& parts = unsealed({reasoning("Hm", sealed("p", {.kind = kSignature, .data = {"s1"}})),
                          reasoning("", sealed("p", {.kind = kEncrypted, .data = {"e1"}}, "rs_1")), text("Said."),
                          reasoning("", sealed("p", {.kind = kThought, .data = {"t1"}})),
                          reasoning("Plain", sealed("p", {.kind = kPlain}))});
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[0].text.raw, "Hm");
  EXPECT_EQ(parts[0].state.kind, kSignature);
  EXPECT_EQ(parts[0].state.data.raw, "s1");
  EXPECT_EQ(parts[1].id.raw, "rs_1");
  EXPECT_EQ(parts[1].state.kind, kEncrypted);
  EXPECT_EQ(parts[2].kind, PartKind::kText);
  EXPECT_EQ(parts[2].state.kind, kThought);
  EXPECT_EQ(parts[2].state.data.raw, "t1");
  EXPECT_EQ(parts[3].text.raw, "Plain");
  EXPECT_EQ(parts[3].state.kind, kPlain);
  EXPECT_TRUE(request_.lost.empty());
}

TEST_F(Unseal, OpensSealsOnCallsAndTexts) {
  Part said = text("Said.");
  said.state = sealed("p", {.kind = kThought, .data = {"t1"}});
  Part called = call("a");
  called.state = sealed("p", {.kind = kSignature, .data = {"s1"}});
  auto& parts = unsealed({said, called});
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].kind, PartKind::kReasoning);
  EXPECT_EQ(parts[0].state.data.raw, "s1");
  EXPECT_EQ(parts[1].state.data.raw, "t1");
  EXPECT_EQ(parts[2].state.kind, kNone);
}

TEST_F(Unseal, TakesOtherProvidersStateAwayAndSaysSoOnce) {
  const std::vector<SealedEntry> before{{kSignature, "", "Hm", "s1"}};
  const std::string id = sealed_call_id("other", "a", true, {.kind = kThought, .data = {"t"}}, before);
  auto& parts = unsealed({reasoning("Hm", sealed("other", {.kind = kSignature, .data = {"s"}})), text("Said."),
                          call(id), call(sealed_call_id("other", "b", false, {.kind = kThought, .data = {"t"}}))});
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[1].id.raw, "a");
  EXPECT_FALSE(parts[1].made_up_id) << "another provider has to be told an id";
  EXPECT_EQ(parts[1].state.kind, kNone);
  EXPECT_TRUE(has_lost());
}

TEST_F(Unseal, LosesNothingWithAnIdThatCarriesNoState) {
  auto& parts = unsealed({call(sealed_call_id("other", "a.b", true, {}))});
  EXPECT_EQ(parts[0].id.raw, "a.b");
  EXPECT_TRUE(request_.lost.empty());
}

TEST_F(Unseal, KeepsUnsealedStateForTheClientsOwnDialectOnly) {
  Part said = text("Said.");
  said.state = {.kind = kThought, .data = {"t"}};
  Part called = call("a");
  called.state = said.state;
  const std::vector<Part> parts{reasoning("Hm", {.kind = kSignature, .data = {"s"}}), said, called};
  const auto& kept = unsealed(parts, StateOf::kClientDialect);
  ASSERT_EQ(kept.size(), 3u);
  EXPECT_EQ(kept[0].state.data.raw, "s");
  EXPECT_EQ(kept[1].state.data.raw, "t");
  EXPECT_EQ(kept[2].state.data.raw, "t");
  EXPECT_TRUE(request_.lost.empty());
  request_.turns.clear();
  const auto& left = unsealed(parts);
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[0].state.kind, kNone);
  EXPECT_EQ(left[1].state.kind, kNone);
  EXPECT_TRUE(has_lost());
}

TEST_F(Unseal, TakesTurnsAwayThatItEmptied) {
  request_.turns.push_back({.role = Role::kAssistant, .parts = {reasoning("Hm", {.kind = kPlain})}});
  request_.turns.push_back({.role = Role::kUser, .parts = {}});
  unseal(request_, "p", StateOf::kOtherDialect);
  ASSERT_EQ(request_.turns.size(), 1u);
  EXPECT_EQ(request_.turns[0].role, Role::kUser);
  EXPECT_TRUE(has_lost());
}

TEST_F(Unseal, GivesTheSameBytesEachTime) {
  const std::string id = sealed_call_id("p", "a", false, {.kind = kThought, .data = {"t"}});
  EXPECT_EQ(id, sealed_call_id("p", "a", false, {.kind = kThought, .data = {"t"}}));
  const auto first = unsealed({call(id)})[0].state.data;
  Request again;
  Part part = call(id);
  again.turns.push_back({.role = Role::kAssistant, .parts = {part}});
  unseal(again, "p", StateOf::kOtherDialect);
  EXPECT_EQ(again.turns[0].parts[0].state.data, first);
}

TEST(Seal, AStateIsBase64InEveryHand) {
  const State state{.kind = State::Kind::kSignature, .data = {"a+/b"}, .origin = {}};
  for (std::size_t length = 0; length < 8; ++length) {
    const std::string text = sealed_state("provider" + std::string(length, 'x'), state, "item");
    ASSERT_EQ(text.size() % 4, 0u);
    const auto bytes = base64_decode(text);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(base64(*bytes), text);
    for (const std::string& sent : {text, base64url(*bytes), std::string(text.substr(0, text.find('=')))}) {
      const auto sealed = open_seal(sent);
      ASSERT_TRUE(sealed) << sent;
      EXPECT_EQ(sealed->entries.at(0).data, "a+/b");
      EXPECT_EQ(sealed->entries.at(0).id, "item");
      EXPECT_TRUE(may_hold_seal("{\"thoughtSignature\":\"" + sent + "\"}"));
    }
    std::string escaped;
    for (char c : text) escaped += c == '/' ? "\\/" : std::string(1, c);
    EXPECT_TRUE(may_hold_seal("{\"data\":\"" + escaped + "\"}"));
  }
}

}  // namespace
}  // namespace sluice::chat::seal_test
