// Files and YAML as such, the schema and the example.
#include <gtest/gtest.h>
#include <simdjson.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "app/config_fixture_test.h"
#include "app/config_schema.h"
#include "app/config_tree.h"
#include "app/config_value.h"
#include "app/text_file.h"

namespace sluice::app::config_yaml_test {
namespace {

// ---- files and YAML

TEST(ConfigYaml, ATruncatedFile) {
  expect_problem("providers:\n  openai: { api_key: \"abc", 2, "", "not valid YAML");
  expect_problem("listen: a:1\nkeys: [ { name: a,\n", 3, "", "not valid YAML");
}

TEST(ConfigYaml, BinaryRubbish) {
  expect_problem(std::string_view("a: b\n\x7f"
                                  "ELF\0\1\2",
                                  12),
                 2, "", "not a text file");
  expect_problem("\xff\xfe\xfd\xfc", 1, "", "not a text file in UTF-8");
  expect_problem("threads: 1\n# caf\xe9\n", 2, "", "not a text file in UTF-8");
}

TEST(ConfigYaml, AByteOrderMark) {
  EXPECT_EQ(valid("\xef\xbb\xbfthreads: 3\ndrill: { enabled: false }\n").threads, 3u);
}

TEST(ConfigYaml, AMistakeTellsWhereItsValueBegins) {
  expect_problem("a: 1\nkeys: [ { name: a,\n    key: b ]\n", 3, "",
                 "did not find expected ',' or '}' while parsing a flow mapping that begins on line 2");
  expect_problem("a: 'b\n\n", 3, "", "unexpected end of stream while scanning a quoted scalar that begins on line 1");
}

TEST(ConfigYaml, BrokenIndentationIsToldOnce) {
  expect_problem("a: b\n   c: d\n", 2, "", "not valid YAML");
  expect_problem("\tthreads: 1\n", 1, "", "not valid YAML");
}

TEST(ConfigYaml, ASecondDocument) {
  expect_problem("threads: 1\n---\nthreads: 2\n", 2, "", "second document");
}

TEST(ConfigYaml, KeysAreText) {
  expect_problem("[a, b]: c\n", 1, "", "a key must be text");
  expect_problem("~: c\n", 1, "", "a key must be text");
}

// How a scalar is written says whether it is text, and whether it is nothing.
TEST(ConfigYaml, ScalarsOfAllStyles) {
  Tree tree = read_tree(R"(
plain: a b
  c
single: 'it''s'
double: "a\n\u00e9"
literal: |
  one
   two
folded: >-
  one
  two
nothing:
tilde: ~
word: null
"quoted": "null"
marked: ! 5
? asked
: "#"
json: {"a":[1,"2"],"b":{}}
)");
  ASSERT_FALSE(tree.broken) << tree.mistakes.back().message;
  auto text = [&](std::string_view key) {
    const Node* node = tree.root->find(key)->value;
    return (node->quoted ? "quoted " : "") + std::string(node->text);
  };
  EXPECT_EQ(text("plain"), "a b c");
  EXPECT_EQ(text("single"), "quoted it's");
  EXPECT_EQ(text("double"), "quoted a\n\u00e9");
  EXPECT_EQ(text("literal"), "quoted one\n two\n");
  EXPECT_EQ(text("folded"), "quoted one two");
  for (auto key : {"nothing", "tilde", "word"}) EXPECT_EQ(tree.root->find(key)->value->kind, Node::Kind::kNull) << key;
  EXPECT_EQ(text("quoted"), "quoted null");
  EXPECT_EQ(text("marked"), "quoted 5");
  EXPECT_EQ(text("asked"), "quoted #");
  const Node* json = tree.root->find("json")->value;
  EXPECT_EQ(json->find("a")->value->items[0]->quoted, false);
  EXPECT_EQ(json->find("a")->value->items[1]->quoted, true);
  EXPECT_EQ(json->find("b")->value->kind, Node::Kind::kMap);
  EXPECT_EQ(json->find("c"), nullptr);
  EXPECT_EQ(tree.root->find("folded")->line, 9);
  EXPECT_EQ(tree.root->find("json")->value->line, 19);
}

TEST(ConfigYaml, AnchorsOfTextsAndKeys) {
  Tree tree = read_tree("&k threads: &t 7\n*k : 8\nb: [*t, *k, { &x *t : 1 }]\n");
  EXPECT_TRUE(tree.broken) << "an alias has no anchor";
  tree = read_tree("&k threads: &t 7\nb: [*t, *k]\n*t : 1\n");
  ASSERT_FALSE(tree.broken) << tree.mistakes.back().message;
  const auto items = tree.root->find("b")->value->items;
  EXPECT_EQ(items[0], tree.root->find("threads")->value);
  EXPECT_EQ(items[1]->text, "threads");
  EXPECT_NE(tree.root->find("7"), nullptr);
}

// Small maps and large ones find it in another way.
TEST(ConfigYaml, AKeyGivenTwiceOfManyKeys) {
  std::string yaml = "teams:\n";
  for (int i = 0; i < 100; ++i) yaml += "  p" + std::to_string(i) + ": { weight: 2 }\n";
  for (auto [name, line] : {std::pair("p0", "2"), {"p15", "17"}, {"p16", "18"}, {"p99", "101"}}) {
    expect_problem(yaml + "  " + name + ": {}\n", 102, std::string("teams.") + name,
                   std::string("already given on line ") + line);
  }
  EXPECT_EQ(read_tree(yaml + "  <<: { p3: x, q: y }\n").root->find("teams")->value->entries.size(), 101u);
}

// ---- lists whose items are read before the rest of the file is

std::string many_keys(int count) {
  std::string yaml = "keys:\n";
  for (int i = 0; i < count; ++i)
    yaml += "  - { name: k" + std::to_string(i) + ", key: sk-sl-key-" + std::to_string(i) + " }\n";
  return yaml;
}

TEST(ConfigLists, ItemsAreToldInOrderOnceTheyAreRead) {
  std::vector<std::string> told;
  auto on_item = [&](const TopItem& item) {
    told.push_back(std::string(item.key) + " " + std::to_string(item.key_line) + " " + std::to_string(item.index) +
                   " " + std::string(kind_name(item.item.kind)));
  };
  const std::string yaml = "a: [x, [y], {z: 1}]\nb: {c: [d]}\n\na: [again]\n<<: {e: [f]}\ne: []\ng:\n- h\n";
  auto tree = read_tree(yaml, on_item);
  EXPECT_EQ(told, (std::vector<std::string>{"a 1 0 text", "a 1 1 a list", "a 1 2 a map", "g 7 0 text"}));
  EXPECT_EQ(tree.root->find("a")->value->items.size(), 3u);
}

// So many that another thread makes the tree.
TEST(ConfigLists, AreTheSameWhereTheyAreLong) {
  Config config = valid(many_keys(20'000) + "threads: 3\n");
  ASSERT_EQ(config.keys.size(), 20'000u);
  EXPECT_EQ(config.threads, 3u);
  for (std::size_t i = 0; i < config.keys.size(); ++i) ASSERT_EQ(config.keys[i].name, "k" + std::to_string(i));
}

TEST(ConfigLists, MistakesInLongOnesAreToldAsInShortOnes) {
  for (int count : {3, 20'000}) {
    const auto last = std::to_string(count);
    expect_problem(many_keys(count) + "  - { name: x, kex: a, key: sk-sl-xx }\n", count + 2, "keys[" + last + "].kex",
                   "did you mean 'key'");
    expect_problem(many_keys(count) + "keys: [{ name: x }]\n", count + 2, "keys", "already given on line 1");
    expect_problem(many_keys(count) + "  - { name: x }\n  - ]\n", count + 3, "", "not valid YAML");
    expect_problem(many_keys(count) + "  - { name: x }\n---\n", count + 3, "", "second document");
    auto problems =
        parse(many_keys(count) + "  - { name: x, key: \"${NONE}\" }\n  - { name: y, key: y }\nz: 1\n").problems;
    EXPECT_EQ(problems.size(), 3u) << all(problems);
  }
}

TEST(ConfigLists, AnItemOfOneMayBeOfAnother) {
  Config config = valid("keys:\n  - &one { name: a, key: sk-sl-aaaa }\n  - { <<: *one, name: b, key: sk-sl-bbbb }\n");
  EXPECT_EQ(config.keys[1].name, "b");
  expect_problem("keys: &all\n  - { name: a, key: sk-sl-aaaa }\n  - *all\n", 3, "", "part of the value it names");
}

TEST(ConfigYaml, AliasesAndMerges) {
  Config config = valid(with_openai(R"(
models:
  a: &slow { deployments: openai/x, retries: 5, timeout: &t { connect: 9s } }
  b: { <<: *slow, retries: 1 }
  c: { <<: [{ retries: 7 }, *slow], deployments: openai/y }
  d: { deployments: openai/z, timeout: *t }
)"));
  EXPECT_EQ(config.models[1].retries, 1u);
  EXPECT_EQ(config.models[1].deployments[0].model, "openai/x");
  EXPECT_EQ(config.models[1].timeout.connect, Ms(9000));
  EXPECT_EQ(config.models[2].retries, 7u);
  EXPECT_EQ(config.models[2].deployments[0].model, "openai/y");
  EXPECT_EQ(config.models[3].timeout.connect, Ms(9000));
  expect_problem("models: { <<: text }\n", 1, "", "<< takes a map");
}

TEST(ConfigYaml, AnAliasToNothingOrToItself) {
  expect_problem("a: *b\n", 1, "", "not valid YAML");
  expect_problem("models: &m\n  a: *m\n", 2, "", "part of the value it names");
}

std::string bomb(std::string_view reference_start, std::string_view reference_end) {
  std::string yaml = "a0: &a0 { k: v }\n";
  for (int i = 1; i < 40; ++i) {
    std::string previous = "*a" + std::to_string(i - 1);
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " " + std::string(reference_start);
    for (int j = 0; j < 10; ++j) yaml += (j == 0 ? "" : ", ") + previous;
    yaml += std::string(reference_end) + "\n";
  }
  return yaml;
}

TEST(ConfigYaml, AnAliasBombDoesNotExplode) {
  for (auto yaml : {bomb("[", "]"), bomb("{ <<: [", "], k: v }")}) {
    auto problems = parse(yaml).problems;
    ASSERT_FALSE(problems.empty());
    EXPECT_NE(all(problems).find("expands to more than"), std::string::npos) << all(problems);
  }
}

TEST(ConfigYaml, DeepNestingIsRefused) {
  for (auto text : {std::string(100'000, '['), std::string(100'000, '{')}) {
    auto problems = parse(text).problems;
    EXPECT_EQ(problems.size(), 1u) << all(problems);
    EXPECT_NE(all(problems).find("nested more than 500 deep"), std::string::npos) << all(problems);
  }
}

TEST(ConfigFiles, MissingAndDirectory) {
  auto missing = load_config("/nonexistent/sluice.yaml", environment({})).problems;
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_EQ(to_text(missing[0]), "/nonexistent/sluice.yaml: cannot be read: No such file or directory");
  auto directory = load_config("/", environment({})).problems;
  ASSERT_EQ(directory.size(), 1u);
  EXPECT_EQ(to_text(directory[0]), "/: is a directory, not a file");
}

TEST(ConfigFiles, AFileIsRead) {
  auto path = std::filesystem::temp_directory_path() / ("sluice_config_test_" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(path) << "threads: 7\n";
  Loaded loaded = load_config(path.string(), environment({}));
  std::filesystem::remove(path);
  EXPECT_EQ(all(loaded.problems), "");
  EXPECT_EQ(loaded.config.threads, 7u);
  EXPECT_EQ(loaded.config.file, path.string());
}

TEST(ConfigFiles, OneThatDoesNotSayItsSize) {
  auto text = read_text_file("/proc/self/status");
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->starts_with("Name:"));
  EXPECT_EQ(read_text_file("/dev/null"), "");
  EXPECT_EQ(read_text_file("/dev/zero").error(), "is larger than 16MiB");
}

TEST(ConfigFiles, ATooLargeOneIsRefused) {
  auto problems = parse(std::string((16 << 20) + 1, '#')).problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message, "is larger than 16MiB");
}

TEST(ConfigProblem, AsText) {
  EXPECT_EQ(to_text({"f.yaml", 3, "a.b", "is wrong"}), "f.yaml:3: a.b: is wrong");
  EXPECT_EQ(to_text({"f.yaml", 0, "", "is wrong"}), "f.yaml: is wrong");
  EXPECT_EQ(to_text({"", 0, "a", "is wrong"}), "a: is wrong");
}

// ---- the schema and the example

using Json = simdjson::dom::element;

void expect_keys(const Section& section, Json schema) {
  simdjson::dom::object properties = schema["properties"];
  EXPECT_EQ(properties.size(), section.fields.size());
  EXPECT_FALSE(bool(schema["additionalProperties"]));
  for (const Field& field : section.fields) {
    Json property;
    ASSERT_EQ(properties[field.name].get(property), simdjson::SUCCESS) << field.name;
    EXPECT_FALSE(std::string_view(property["description"]).empty()) << field.name;
    if (field.type == FieldType::kSection) expect_keys(*field.section, property);
    if (field.type == FieldType::kNamed) expect_keys(*field.section, property["additionalProperties"]);
    if (field.section == &section) {
      EXPECT_TRUE(std::string_view(property["items"]["$ref"]).starts_with("#/properties/models/")) << field.name;
    } else if (field.type == FieldType::kList) {
      expect_keys(*field.section, property["items"]);
    }
  }
}

TEST(ConfigSchema, NamesEveryKeyOfTheTables) {
  simdjson::dom::parser parser;
  Json schema = parser.parse(json_schema());
  EXPECT_EQ(std::string_view(schema["$schema"]), "https://json-schema.org/draft/2020-12/schema");
  expect_keys(config_section(), schema);
}

TEST(ConfigSchema, GivesTheDefaults) {
  simdjson::dom::parser parser;
  Json schema = parser.parse(json_schema());
  auto text = [&](std::string_view pointer) { return std::string_view(schema.at_pointer(pointer)); };
  EXPECT_EQ(text("/properties/listen/default"), "127.0.0.1:8080");
  EXPECT_EQ(std::int64_t(schema.at_pointer("/properties/threads/default")), 0);
  EXPECT_EQ(text("/properties/limits/properties/body/default"), "64MiB");
  EXPECT_EQ(text("/properties/metrics/properties/auth/default"), "key");
  EXPECT_EQ(text("/properties/models/additionalProperties/properties/timeout/properties/connect/default"), "5s");
}

// What the schema shows as default must be what the reader accepts.
void expect_defaults_in_range(const Section& section, void* owner) {
  for (const Field& field : section.fields) {
    if (field.type == FieldType::kSection) expect_defaults_in_range(*field.section, field.at(owner));
    if (field.add != nullptr && field.section != &section)
      expect_defaults_in_range(*field.section, field.add(owner, "x"));
    if (field.most == 0) continue;
    std::int64_t value = 0;
    if (field.type == FieldType::kCount)
      value = static_cast<std::int64_t>(*static_cast<std::uint64_t*>(field.at(owner)));
    if (field.type == FieldType::kNumber) value = *static_cast<std::uint32_t*>(field.at(owner));
    if (field.type == FieldType::kDuration) value = static_cast<Ms*>(field.at(owner))->count();
    if (field.type == FieldType::kSize)
      value = static_cast<std::int64_t>(*static_cast<std::uint64_t*>(field.at(owner)));
    EXPECT_GE(value, field.least) << field.name;
    EXPECT_LE(value, field.most) << field.name;
  }
}

TEST(ConfigSchema, DefaultsAreWithinTheirRanges) {
  Config config;
  expect_defaults_in_range(config_section(), &config);
}

TEST(ConfigExample, PassesTheCheck) {
  Config config = valid(example_config(), {{"SLUICE_MASTER_KEY", "master-1234"},
                                           {"OPENAI_API_KEY", "k"},
                                           {"ANTHROPIC_API_KEY", "k"},
                                           {"WEB_KEY", "sk-sl-web-1234"}});
  EXPECT_EQ(config.providers.size(), 3u);
  EXPECT_EQ(config.models.size(), 3u);
  EXPECT_EQ(config.keys.size(), 1u);
}

TEST(ConfigExample, NamesEachVariableThatIsMissing) {
  std::string text = all(parse(example_config()).problems);
  for (auto name : {"SLUICE_MASTER_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "WEB_KEY"}) {
    EXPECT_NE(text.find(std::string(name) + " is not set"), std::string::npos) << text;
  }
}

TEST(ConfigExample, NamesTheCommandThatChecksIt) {
  EXPECT_NE(example_config("/etc/own.yaml").find("# Check this file with: sluice check /etc/own.yaml\n"),
            std::string::npos);
  EXPECT_NE(example_config().find("sluice check sluice.yaml\n"), std::string::npos);
}

TEST(ConfigAddress, IsParsed) {
  EXPECT_EQ(parse_address("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_address("localhost:0")->port, 0);
  for (auto text : {"", ":80", "a", "a:", "a:b", "a:-1", "a:+1", "::1:80", "[::1]", "[::1]80", "a b:1", "a:1/x"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

}  // namespace
}  // namespace sluice::app::config_yaml_test
