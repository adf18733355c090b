#include "app/command_line.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace sluice::app::command_line_test {
namespace {

struct Ran {
  int code;
  std::string out, err;
};

// `program put …` ends with 7, `program store keep` with 8.
struct Program {
  Program() {
    auto& put = line.commands().command("put", "Puts.");
    put.option("PLACE", place, "Where").required();
    const auto chosen = put.option("--text", text, "A text").one_of({"one", "two"}).env("SLUICE_COMMAND_LINE_TEST");
    put.option("--list", list, "Texts").check([](const std::string& item) { return item == "bad" ? "is bad" : ""; });
    put.option("--number", number, "A number").within(-1, 3).needs(chosen);
    put.option("--many", many, "How many");
    put.option("--share", share, "A share").within(0.1, 1.0);
    const auto take = [this](const std::string& item) { return (taken = item) == "no" ? "is not taken" : ""; };
    put.option("--taken", take, "What is taken");
    put.flag("--flag", flag, "A flag");
    put.footer("Behind.");
    put.runs([] { return 7; });
    line.commands().group("store", "Stores.").command("keep", "Keeps.").runs([] { return 8; });
  }

  Ran run(std::vector<const char*> words) {
    words.insert(words.begin(), "program");
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = line.run(static_cast<int>(words.size()), words.data());
    return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
  }

  std::string place, text, taken;
  std::vector<std::string> list;
  int number = 1;
  std::uint32_t many = 2;
  double share = 0.5;
  bool flag = false;
  CommandLine line{"program", "A program.", "program 1"};
};

TEST(CommandLine, RunsWhatIsNamedWithItsOptions) {
  Program program;
  const auto ran = program.run({"put", "there", "--text", "two", "--list", "a", "b", "--list", "c", "--number", "-1",
                                "--many", "4", "--share", "0.25", "--taken", "yes", "--flag"});
  EXPECT_EQ(ran.code, 7);
  EXPECT_EQ(ran.out + ran.err, "");
  EXPECT_EQ(program.place, "there");
  EXPECT_EQ(program.text, "two");
  EXPECT_EQ(program.list, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(program.number, -1);
  EXPECT_EQ(program.many, 4u);
  EXPECT_EQ(program.share, 0.25);
  EXPECT_EQ(program.taken, "yes");
  EXPECT_TRUE(program.flag);
}

TEST(CommandLine, LeavesWhatIsNotNamedAsItIs) {
  Program program;
  EXPECT_EQ(program.run({"store", "keep"}).code, 8);
  EXPECT_EQ(program.number, 1);
  EXPECT_EQ(program.many, 2u);
  EXPECT_FALSE(program.flag);
}

TEST(CommandLine, TakesWhatTheEnvironmentHas) {
  Program program;
  ::setenv("SLUICE_COMMAND_LINE_TEST", "one", 1);
  const auto ran = program.run({"put", "there"});
  ::unsetenv("SLUICE_COMMAND_LINE_TEST");
  EXPECT_EQ(ran.code, 7);
  EXPECT_EQ(program.text, "one");
}

TEST(CommandLine, PrintsHelpAndVersion) {
  const auto help = Program().run({"put", "--help"});
  EXPECT_EQ(help.code, 0);
  for (const auto* part : {"Usage: program put [OPTIONS] PLACE\n", "--number INT:INT in [-1 - 3] Needs: --text",
                           "--share FLOAT:FLOAT in [0.1 - 1]", "{one,two} (Env:SLUICE_COMMAND_LINE_TEST)", "Behind."}) {
    EXPECT_NE(help.out.find(part), std::string::npos) << part << " in " << help.out;
  }
  const auto version = Program().run({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_EQ(version.out, "program 1\n");
}

TEST(CommandLine, TellsWhatIsWrong) {
  const std::pair<std::vector<const char*>, std::string> mistakes[] = {
      {{}, "A subcommand is required"},
      {{"ptu"}, "The following argument was not expected: ptu; did you mean 'put'?"},
      {{"--versoin"}, "The following argument was not expected: --versoin; did you mean '--version'?"},
      {{"store"}, "A subcommand is required"},
      {{"store", "kep"}, "The following argument was not expected: kep; did you mean 'keep'?"},
      {{"put"}, "PLACE is required"},
      {{"put", "a", "--text", "three"}, "--text: three not in {one,two}"},
      {{"put", "a", "--text", "one", "--number", "4"}, "--number: Value 4 not in range -1 to 3"},
      {{"put", "a", "--number", "1"}, "--number requires --text"},
      {{"put", "a", "--taken", "no"}, "--taken: is not taken"},
      {{"put", "a", "--list", "a", "bad"}, "--list: is bad"},
  };
  for (const auto& [words, told] : mistakes) {
    const auto ran = Program().run(words);
    EXPECT_EQ(ran.code, 2) << told;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err, told + "\nRun with --help for more information.\n");
  }
}

}  // namespace
}  // namespace sluice::app::command_line_test
