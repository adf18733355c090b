#include "app/stored_secrets.h"

#include "app/config_fixture_test.h"
#include "base/journal/folder_test.h"
#include "store/sqlite/sqlite_directory.h"

namespace sluice::app::stored_secrets_test {
namespace {

constexpr const char* kKey = "0123456789abcdef0123456789abcdef";

TEST(SecretsSealer, IsMadeOfTheEnvironmentOrAFile) {
  journal::Folder folder;
  const auto file = folder.file("key");
  journal::write_bytes(file, std::string(kKey) + "\n");
  EXPECT_FALSE(secrets_sealer(environment({}))->has_value());
  auto one = secrets_sealer(environment({{"SLUICE_SECRETS_KEY", kKey}}));
  auto other = secrets_sealer(environment({{"SLUICE_SECRETS_KEY_FILE", file}}));
  ASSERT_TRUE(one && *one && other && *other);
  EXPECT_EQ((*other)->open("a", (*one)->seal("a", Secret("text")))->reveal(), "text");
  auto refused = [](Variables variables) {
    auto made = secrets_sealer(environment(std::move(variables)));
    EXPECT_FALSE(made);
    return made ? "" : made.error().told;
  };
  EXPECT_NE(refused({{"SLUICE_SECRETS_KEY", kKey}, {"SLUICE_SECRETS_KEY_FILE", file}}).find("both set"),
            std::string::npos);
  EXPECT_NE(refused({{"SLUICE_SECRETS_KEY_FILE", folder.file("none")}}).find("cannot be read"), std::string::npos);
  const auto brief = refused({{"SLUICE_SECRETS_KEY", "too-short-canary"}});
  EXPECT_NE(brief.find("fewer than 32"), std::string::npos);
  EXPECT_EQ(brief.find("canary"), std::string::npos);
}

TEST(StoredSecrets, AreOpenedWithTheirKeyAlone) {
  journal::Folder folder;
  const auto with_key = environment({{"SLUICE_SECRETS_KEY", kKey}});
  auto told = [&](const Environment& environment, const std::string& name) -> std::string {
    auto found = stored_secrets(folder.path(), environment)(name);
    if (!found) return found.error();
    return *found ? std::string((*found)->reveal()) : "none";
  };
  EXPECT_EQ(told(with_key, "a"), "none") << "there is no database yet";
  const Sealer sealer{Secret(kKey)};
  {
    auto directory = store::SqliteDirectory::open(folder.file("sluice.db"));
    const std::vector<store::Edit> edits{
        store::SecretRow{.name = "a", .sealed = sealer.seal("a", Secret("text of a"))},
        store::SecretRow{.name = "moved", .sealed = sealer.seal("a", Secret("text of a"))}};
    ASSERT_TRUE((*directory)->change(edits, {.kind = "change"}));
  }
  EXPECT_EQ(told(with_key, "a"), "text of a");
  EXPECT_EQ(told(with_key, "b"), "none");
  EXPECT_NE(told(environment({}), "a").find("there is no key to read it with: set SLUICE_SECRETS_KEY"),
            std::string::npos);
  EXPECT_NE(told(with_key, "moved").find("cannot be decrypted"), std::string::npos) << "a row in the place of another";
  EXPECT_NE(told(environment({{"SLUICE_SECRETS_KEY", "another key of thirty-two characters"}}), "a")
                .find("cannot be decrypted"),
            std::string::npos);
  EXPECT_NE(told(environment({{"SLUICE_SECRETS_KEY", "short"}}), "a").find("fewer than 32"), std::string::npos);
}

}  // namespace
}  // namespace sluice::app::stored_secrets_test
