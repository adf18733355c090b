#include "dialect/openai/fields.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"
#include "checkout.h"
#include "dialect/openai/fixture_test.h"

namespace sluice::dialect::openai::fields_test {
namespace {

std::set<std::string> schema(std::string_view name) {
  const auto path = in_checkout("tests/fixtures/schema/") + std::string(name) + ".txt";
  const std::string file = testing::read_file(path);
  std::set<std::string> paths;
  for (std::string_view line : split(file, '\n')) {
    if (!line.empty()) paths.emplace(line);
  }
  return paths;
}

void expect_complete(FieldTable table, std::string_view name) {
  const auto paths = schema(name);
  EXPECT_FALSE(paths.empty());
  for (const std::string& path : paths) EXPECT_NE(find_path(table, path), nullptr) << path << " has no row";
  std::set<std::string_view> rows;
  for (const FieldRow& row : table) {
    EXPECT_TRUE(paths.contains(std::string(row.path))) << row.path << " is no field of the API";
    EXPECT_TRUE(rows.insert(row.path).second) << row.path << " has two rows";
    EXPECT_EQ(row.field == chat::Field::kCount, row.place == Place::kNowhere) << row.path;
  }
}

TEST(OpenAiFields, AreThoseOfTheApi) {
  expect_complete(fields_of(Operation::kChat), "openai-chat");
  expect_complete(fields_of(Operation::kEmbed), "openai-embeddings");
  EXPECT_TRUE(fields_of(Operation::kRerank).empty());
}

TEST(OpenAiIsOwn, TellsThisDialectFromOthersWithTheSameWord) {
  chat::Request request;
  EXPECT_FALSE(is_own(request));
  const std::string other = "messages";
  request.give(chat::Field::kMessages, other);
  EXPECT_FALSE(is_own(request));
  request.give(chat::Field::kMessages, kMessagesPath);
  EXPECT_TRUE(is_own(request));
}

}  // namespace
}  // namespace sluice::dialect::openai::fields_test
