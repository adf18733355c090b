#include "provider/sign/aws_files.h"

#include "provider/sign/sign_fixture_test.h"

namespace sluice::provider::aws_files_test {
namespace {

std::string value(const AwsProfiles& profiles, std::string_view profile, std::string_view name) {
  auto found = profiles.find(profile);
  if (found == profiles.end()) return "no profile";
  auto setting = found->second.find(name);
  return setting == found->second.end() ? "no setting" : std::string(setting->second.reveal());
}

TEST(AwsFile, ReadsProfiles) {
  auto read = parse_aws_file(
      "# mine\n\n[default]\r\naws_access_key_id = AKID\r\nAWS_Secret_Access_Key=a=b#c ; why\n"
      "[ other ] # why\n; more\n  region\t=\teu-west-1\nempty =\nregion = eu-west-2 # later wins",
      "f", AwsFile::kCredentials);
  ASSERT_TRUE(read) << read.error().told;
  EXPECT_EQ(value(*read, "default", "aws_access_key_id"), "AKID");
  EXPECT_EQ(value(*read, "default", "aws_secret_access_key"), "a=b#c");
  EXPECT_EQ(value(*read, "other", "region"), "eu-west-2");
  EXPECT_EQ(value(*read, "other", "empty"), "");
}

TEST(AwsFile, TheConfigFileNamesProfilesOtherwise) {
  auto read = parse_aws_file(
      "[default]\nregion=a\ns3 =\n  addressing_style = path\n  what is this\n[profile x]\nregion=b\n[x]\nregion=c\n"
      "[sso-session x]\nregion=d",
      "f", AwsFile::kConfig);
  ASSERT_TRUE(read) << read.error().told;
  EXPECT_EQ(read->size(), 2U);
  EXPECT_EQ(value(*read, "default", "region"), "a");
  EXPECT_EQ(value(*read, "default", "addressing_style"), "no setting");
  EXPECT_EQ(value(*read, "x", "region"), "b");
}

TEST(AwsFile, MistakesNameTheirLineAndNoValue) {
  auto mistake = [](std::string_view text) {
    auto read = parse_aws_file(text, "f", AwsFile::kCredentials);
    if (read) return std::string("none");
    EXPECT_EQ(read.error().kind, FaultKind::kInvalidConfig);
    return read.error().told;
  };
  EXPECT_EQ(mistake("[default]\naws_secret_access_key hush\n"), "f:2: expected [profile] or name = value.");
  EXPECT_EQ(mistake("\n[default\n"), "f:2: expected a ']' at the end of the profile's name.");
  EXPECT_EQ(mistake("[]"), "f:1: expected the name of a profile between '[' and ']'.");
  EXPECT_EQ(mistake("a=b"), "f:1: expected a [profile] before the first setting.");
  EXPECT_EQ(mistake("[a]\n=hush"), "f:2: expected [profile] or name = value.");
}

class AwsFilesTest : public ::testing::Test {
 protected:
  std::string mistake(std::string_view credentials, std::string_view config = "") {
    const AwsFiles files{folder_.write("credentials", credentials), folder_.write("config", config)};
    auto key = files.load_key("default");
    if (key) return "none";
    auto told = key.error().told;
    EXPECT_FALSE(told.contains("hush")) << told;
    if (auto at = told.find(files.names()); at != std::string::npos) told.replace(at, files.names().size(), "FILES");
    return told;
  }
  TestFolder folder_;
};

TEST_F(AwsFilesTest, TheCredentialsFileGoesFirst) {
  const AwsFiles files{
      folder_.write("credentials", "[p]\naws_access_key_id=A\naws_secret_access_key=S\naws_session_token=T"),
      folder_.write("config", "[profile p]\naws_access_key_id=B\nregion=eu-west-1")};
  auto key = files.load_key("p");
  ASSERT_TRUE(key && *key);
  EXPECT_EQ((**key).key_id, "A");
  EXPECT_EQ((**key).secret_key.reveal(), "S");
  EXPECT_EQ((**key).session_token.reveal(), "T");
  auto profile = files.load("p");
  ASSERT_TRUE(profile && *profile);
  EXPECT_EQ((**profile).find("region")->second.reveal(), "eu-west-1");
  EXPECT_FALSE(*files.load("q"));
}

TEST_F(AwsFilesTest, HalfOfAKeyAndOtherWays) {
  EXPECT_EQ(mistake("[default]\naws_access_key_id=A"),
            "The profile 'default' in FILES has no usable aws_secret_access_key.");
  EXPECT_EQ(mistake("[default]\naws_secret_access_key=hush"),
            "The profile 'default' in FILES has no usable aws_access_key_id.");
  EXPECT_EQ(mistake("", "[default]\ncredential_process=/bin/hush"),
            "The profile 'default' in FILES gets its credentials by credential_process, which is not supported: it "
            "needs aws_access_key_id and aws_secret_access_key.");
  EXPECT_TRUE(mistake("", "[default]\nsso_session=x").contains("by sso_session,"));
  EXPECT_TRUE(mistake("", "[default]\nrole_arn=x\nsource_profile=y").contains("by role_arn,"));
  EXPECT_EQ(mistake("", "[default]\nregion=x"), "none");
}

TEST_F(AwsFilesTest, FilesThatAreNotThereAreEmpty) {
  const AwsFiles files{folder_.path() + "/a", ""};
  auto key = files.load_key("default");
  ASSERT_TRUE(key);
  EXPECT_FALSE(*key);
  const AwsFiles folder{folder_.path(), ""};
  auto broken = folder.load_key("default");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().told, folder_.path() + " cannot be read, or is larger than 1 MiB.");
}

}  // namespace
}  // namespace sluice::provider::aws_files_test
