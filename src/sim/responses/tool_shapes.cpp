// check: allow file-sizes because it is one table
#include "sim/responses/shapes.h"
#include "sim/shape_words.h"

namespace sluice::sim {

namespace {

constexpr Shape kType = kText;
constexpr Shape kTexts = list(kText);
constexpr Shape kTextsOrNull = list(kText, 0, 1 << 20, Null::kAllowed);
constexpr Shape kToolName{.type = Type::kString, .min_size = 1, .max_size = 64};
constexpr Shape kSchemaOrNull = map(kAnything, 1 << 20, Null::kAllowed);
constexpr Field kTypeOnlyFields[] = {{"type", &kType, kRequired}};
constexpr Shape kTypeOnly = object(kTypeOnlyFields);

constexpr std::string_view kCallerNames[] = {"direct", "programmatic"};
constexpr Shape kCaller = one_of(kCallerNames);
constexpr Shape kCallers = list(kCaller, 0, 2, Null::kAllowed);
constexpr std::string_view kSideNames[] = {"server", "client"};
constexpr Shape kSide = one_of(kSideNames);

// ---- functions and custom tools ----

// A function without `parameters` takes none; `strict` is true when it is not said.
constexpr Field kFunctionFields[] = {
    {"type", &kType, kRequired},
    {"name", &kToolName, kRequired},
    {"description", &kTextOrNull},
    {"parameters", &kSchemaOrNull},
    {"strict", &kBoolOrNull},
    {"allowed_callers", &kCallers},
    {"async", &kBool},
    {"defer_loading", &kBool},
    {"output_schema", &kSchemaOrNull},
};
constexpr Shape kFunction = object(kFunctionFields);

constexpr std::string_view kSyntaxNames[] = {"lark", "regex"};
constexpr Shape kSyntax = one_of(kSyntaxNames);
constexpr Field kGrammarFields[] = {
    {"type", &kType, kRequired}, {"definition", &kText, kRequired}, {"syntax", &kSyntax, kRequired}};
constexpr Shape kGrammar = object(kGrammarFields);
constexpr Variant kFormats[] = {{"text", &kTypeOnly}, {"grammar", &kGrammar}};
constexpr Shape kFormat = by_tag("type", kFormats, "an object");
constexpr Field kCustomFields[] = {
    {"type", &kType, kRequired}, {"name", &kToolName, kRequired}, {"description", &kText},
    {"format", &kFormat},        {"allowed_callers", &kCallers},  {"async", &kBool},
    {"defer_loading", &kBool},
};
constexpr Shape kCustom = object(kCustomFields);

constexpr Variant kNamespacedVariants[] = {{"function", &kFunction}, {"custom", &kCustom}};
constexpr Shape kNamespacedTool = by_tag("type", kNamespacedVariants, "an object");
constexpr Shape kNamespacedTools = list(kNamespacedTool, 1);
constexpr Field kNamespaceFields[] = {
    {"type", &kType, kRequired},
    {"name", &kToolName, kRequired},
    {"description", &kText, kRequired},
    {"tools", &kNamespacedTools, kRequired},
};
constexpr Shape kNamespace = object(kNamespaceFields);

// ---- searching ----

constexpr std::string_view kComparisonNames[] = {"eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"};
constexpr Shape kComparisonName = one_of(kComparisonNames);
constexpr Field kComparisonFields[] = {
    {"type", &kComparisonName, kRequired}, {"key", &kText, kRequired}, {"value", &kAnything, kRequired}};
constexpr Shape kComparison = object(kComparisonFields);
constexpr Shape kObjects = list(kAnyObject);
constexpr Field kCompoundFields[] = {{"type", &kType, kRequired}, {"filters", &kObjects, kRequired}};
constexpr Shape kCompound = object(kCompoundFields);
constexpr Variant kFilters[] = {
    {"eq", &kComparison},  {"ne", &kComparison}, {"gt", &kComparison},  {"gte", &kComparison}, {"lt", &kComparison},
    {"lte", &kComparison}, {"in", &kComparison}, {"nin", &kComparison}, {"and", &kCompound},   {"or", &kCompound},
};
constexpr Shape kFilter{.type = Type::kTagged, .null = Null::kAllowed, .tag = "type", .variants = kFilters};
constexpr Shape kWeight = number(0, 1, Null::kRefused);
constexpr Field kHybridFields[] = {{"embedding_weight", &kWeight, kRequired}, {"text_weight", &kWeight, kRequired}};
constexpr Shape kHybrid = object(kHybridFields);
constexpr std::string_view kRankerNames[] = {"auto", "default-2024-11-15"};
constexpr Shape kRanker = one_of(kRankerNames);
constexpr Field kRankingFields[] = {{"hybrid_search", &kHybrid}, {"ranker", &kRanker}, {"score_threshold", &kWeight}};
constexpr Shape kRanking = object(kRankingFields);
constexpr Shape kResultCount = integer(1, 50, Null::kRefused);
constexpr Shape kStores = list(kText, 1);
constexpr Field kFileSearchFields[] = {
    {"type", &kType, kRequired},    {"vector_store_ids", &kStores, kRequired},
    {"filters", &kFilter},          {"max_num_results", &kResultCount},
    {"ranking_options", &kRanking},
};
constexpr Shape kFileSearch = object(kFileSearchFields);

constexpr std::string_view kLevelNames[] = {"low", "medium", "high"};
constexpr Shape kLevel = one_of(kLevelNames);
constexpr std::string_view kApproximateNames[] = {"approximate"};
constexpr Shape kApproximate = one_of(kApproximateNames);
constexpr Field kLocationFields[] = {
    {"type", &kApproximate},  {"city", &kTextOrNull},     {"country", &kTextOrNull},
    {"region", &kTextOrNull}, {"timezone", &kTextOrNull},
};
constexpr Shape kLocation = object(kLocationFields, Null::kAllowed);
constexpr Field kDomainsFields[] = {{"allowed_domains", &kTextsOrNull}};
constexpr Shape kDomains = object(kDomainsFields, Null::kAllowed);
constexpr Field kWebSearchFields[] = {
    {"type", &kType, kRequired},      {"external_web_access", &kBool}, {"filters", &kDomains},
    {"search_context_size", &kLevel}, {"user_location", &kLocation},
};
constexpr Shape kWebSearch = object(kWebSearchFields);
constexpr Field kOldLocationFields[] = {
    {"type", &kApproximate, kRequired}, {"city", &kTextOrNull},     {"country", &kTextOrNull},
    {"region", &kTextOrNull},           {"timezone", &kTextOrNull},
};
constexpr Shape kOldLocation = object(kOldLocationFields, Null::kAllowed);
constexpr std::string_view kContentNames[] = {"text", "image"};
constexpr Shape kContent = one_of(kContentNames);
constexpr Shape kContents = list(kContent);
constexpr Field kWebSearchPreviewFields[] = {
    {"type", &kType, kRequired},
    {"search_content_types", &kContents},
    {"search_context_size", &kLevel},
    {"user_location", &kOldLocation},
};
constexpr Shape kWebSearchPreview = object(kWebSearchPreviewFields);

constexpr Field kToolSearchFields[] = {
    {"type", &kType, kRequired}, {"description", &kTextOrNull}, {"execution", &kSide}, {"parameters", &kAnything}};
constexpr Shape kToolSearch = object(kToolSearchFields);

// ---- machines ----

constexpr Shape kPixels = integer(1, kInfinity, Null::kRefused);
constexpr std::string_view kEnvironmentNames[] = {"windows", "mac", "linux", "ubuntu", "browser"};
constexpr Shape kEnvironmentName = one_of(kEnvironmentNames);
constexpr Field kComputerFields[] = {
    {"type", &kType, kRequired},
    {"display_height", &kPixels, kRequired},
    {"display_width", &kPixels, kRequired},
    {"environment", &kEnvironmentName, kRequired},
};
constexpr Shape kComputer = object(kComputerFields);

constexpr Field kSecretFields[] = {
    {"domain", &kText, kRequired}, {"name", &kText, kRequired}, {"value", &kText, kRequired}};
constexpr Shape kSecret = object(kSecretFields);
constexpr Shape kSecrets = list(kSecret);
constexpr Field kAllowlistFields[] = {
    {"type", &kType, kRequired}, {"allowed_domains", &kTexts, kRequired}, {"domain_secrets", &kSecrets}};
constexpr Shape kAllowlist = object(kAllowlistFields);
constexpr Variant kPolicies[] = {{"disabled", &kTypeOnly}, {"allowlist", &kAllowlist}};
constexpr Shape kPolicy = by_tag("type", kPolicies, "an object");
constexpr std::string_view kMemoryNames[] = {"1g", "4g", "16g", "64g"};
constexpr Shape kMemory = one_of(kMemoryNames, Null::kAllowed);
constexpr Field kContainerFields[] = {
    {"type", &kType, kRequired}, {"file_ids", &kTexts}, {"memory_limit", &kMemory}, {"network_policy", &kPolicy}};
constexpr Shape kContainerAuto = object(kContainerFields);
constexpr Variant kContainers[] = {{"auto", &kContainerAuto}};
constexpr Shape kContainerObject = by_tag("type", kContainers, "an object");
constexpr const Shape* kContainerChoices[] = {&kText, &kContainerObject};
constexpr Shape kContainer = any_of(kContainerChoices, "one of a string or object");
constexpr Field kInterpreterFields[] = {
    {"type", &kType, kRequired}, {"container", &kContainer, kRequired}, {"allowed_callers", &kCallers}};
constexpr Shape kInterpreter = object(kInterpreterFields);

constexpr Field kSkillReferenceFields[] = {
    {"type", &kType, kRequired}, {"skill_id", &kText, kRequired}, {"version", &kText}};
constexpr Shape kSkillReference = object(kSkillReferenceFields);
constexpr std::string_view kZipNames[] = {"application/zip"};
constexpr Shape kZip = one_of(kZipNames);
constexpr std::string_view kBase64Names[] = {"base64"};
constexpr Shape kBase64 = one_of(kBase64Names);
constexpr Field kSourceFields[] = {
    {"type", &kBase64, kRequired}, {"data", &kText, kRequired}, {"media_type", &kZip, kRequired}};
constexpr Shape kSource = object(kSourceFields);
constexpr Field kInlineSkillFields[] = {
    {"type", &kType, kRequired},
    {"name", &kText, kRequired},
    {"description", &kText, kRequired},
    {"source", &kSource, kRequired},
};
constexpr Shape kInlineSkill = object(kInlineSkillFields);
constexpr Variant kSkillVariants[] = {{"skill_reference", &kSkillReference}, {"inline", &kInlineSkill}};
constexpr Shape kSkill = by_tag("type", kSkillVariants, "an object");
constexpr Shape kSkills = list(kSkill);
constexpr Field kLocalSkillFields[] = {
    {"name", &kText, kRequired}, {"description", &kText, kRequired}, {"path", &kText, kRequired}};
constexpr Shape kLocalSkill = object(kLocalSkillFields);
constexpr Shape kLocalSkills = list(kLocalSkill);
constexpr Field kShellContainerFields[] = {
    {"type", &kType, kRequired},  {"file_ids", &kTexts}, {"memory_limit", &kMemory},
    {"network_policy", &kPolicy}, {"skills", &kSkills},
};
constexpr Shape kShellContainer = object(kShellContainerFields);
constexpr Field kLocalFields[] = {{"type", &kType, kRequired}, {"skills", &kLocalSkills}};
constexpr Shape kLocal = object(kLocalFields);
constexpr Field kContainerReferenceFields[] = {{"type", &kType, kRequired}, {"container_id", &kText, kRequired}};
constexpr Shape kContainerReference = object(kContainerReferenceFields);
constexpr Variant kShellPlaces[] = {
    {"container_auto", &kShellContainer}, {"local", &kLocal}, {"container_reference", &kContainerReference}};
constexpr Shape kShellPlace{.type = Type::kTagged, .null = Null::kAllowed, .tag = "type", .variants = kShellPlaces};
constexpr Field kShellFields[] = {
    {"type", &kType, kRequired}, {"allowed_callers", &kCallers}, {"environment", &kShellPlace}};
constexpr Shape kShell = object(kShellFields);
constexpr Field kPatchFields[] = {{"type", &kType, kRequired}, {"allowed_callers", &kCallers}};
constexpr Shape kPatch = object(kPatchFields);

// ---- images ----

constexpr std::string_view kActionNames[] = {"generate", "edit", "auto"};
constexpr Shape kAction = one_of(kActionNames);
constexpr std::string_view kBackgroundNames[] = {"transparent", "opaque", "auto"};
constexpr Shape kBackground = one_of(kBackgroundNames);
constexpr std::string_view kFidelityNames[] = {"high", "low"};
constexpr Shape kFidelity = one_of(kFidelityNames, Null::kAllowed);
constexpr Field kMaskFields[] = {{"file_id", &kText}, {"image_url", &kText}};
constexpr Shape kMask = object(kMaskFields);
constexpr std::string_view kModerationNames[] = {"auto", "low"};
constexpr Shape kModeration = one_of(kModerationNames);
constexpr std::string_view kPictureNames[] = {"png", "webp", "jpeg", "gif", "svg"};
constexpr Shape kPicture = one_of(kPictureNames);
constexpr std::string_view kQualityNames[] = {"low", "medium", "high", "xhigh", "max", "auto"};
constexpr Shape kQuality = one_of(kQualityNames);
constexpr std::string_view kSvgEffortNames[] = {"none", "minimal", "low", "medium", "high", "xhigh", "max"};
constexpr Shape kSvgEffort = one_of(kSvgEffortNames);
constexpr Field kSvgReasoningFields[] = {{"effort", &kSvgEffort}};
constexpr Shape kSvgReasoning = object(kSvgReasoningFields, Null::kAllowed);
constexpr Field kSvgFields[] = {{"model", &kText}, {"reasoning", &kSvgReasoning}};
constexpr Shape kSvg = object(kSvgFields);
constexpr Shape kPercent = integer(0, 100, Null::kRefused);
constexpr Shape kPartialImages = integer(0, 3, Null::kRefused);
constexpr Field kImageFields[] = {
    {"type", &kType, kRequired},
    {"action", &kAction},
    {"background", &kBackground},
    {"complexity", &kLevel},
    {"frame_count", &kPixels},
    {"frame_duration_ms", &kPixels},
    {"input_fidelity", &kFidelity},
    {"input_image_mask", &kMask},
    {"model", &kText},
    {"moderation", &kModeration},
    {"output_compression", &kPercent},
    {"output_format", &kPicture},
    {"partial_images", &kPartialImages},
    {"quality", &kQuality},
    {"size", &kText},
    {"svg", &kSvg},
};
constexpr Shape kImage = object(kImageFields);

// ---- other servers' tools ----

constexpr Field kToolFilterFields[] = {{"read_only", &kBool}, {"tool_names", &kTexts}};
constexpr Shape kToolFilter = object(kToolFilterFields);
constexpr const Shape* kAllowedChoices[] = {&kTexts, &kToolFilter};
constexpr Shape kAllowed = any_of(kAllowedChoices, "one of an array of strings or object", Null::kAllowed);
constexpr std::string_view kApprovalNames[] = {"always", "never"};
constexpr Shape kApprovalWord = one_of(kApprovalNames);
constexpr Field kApprovalFields[] = {{"always", &kToolFilter}, {"never", &kToolFilter}};
constexpr Shape kApprovalObject = object(kApprovalFields);
constexpr const Shape* kApprovalChoices[] = {&kApprovalWord, &kApprovalObject};
constexpr Shape kApproval = any_of(kApprovalChoices, "one of a string or object", Null::kAllowed);
constexpr std::string_view kConnectorNames[] = {
    "connector_dropbox",        "connector_gmail",           "connector_googlecalendar", "connector_googledrive",
    "connector_microsoftteams", "connector_outlookcalendar", "connector_outlookemail",   "connector_sharepoint",
};
constexpr Shape kConnector = one_of(kConnectorNames);
constexpr Shape kHeaders = map(kText, 1 << 20, Null::kAllowed);
constexpr Field kMcpFields[] = {
    {"type", &kType, kRequired},      {"server_label", &kSomeText, kRequired},
    {"allowed_callers", &kCallers},   {"allowed_tools", &kAllowed},
    {"authorization", &kText},        {"connector_id", &kConnector},
    {"defer_loading", &kBool},        {"headers", &kHeaders},
    {"require_approval", &kApproval}, {"server_description", &kText},
    {"server_url", &kText},           {"tunnel_id", &kText},
};
constexpr Shape kMcp = object(kMcpFields);

constexpr Variant kToolVariants[] = {
    {"function", &kFunction},
    {"custom", &kCustom},
    {"namespace", &kNamespace},
    {"file_search", &kFileSearch},
    {"computer", &kTypeOnly},
    {"computer_use_preview", &kComputer},
    {"web_search", &kWebSearch},
    {"web_search_2025_08_26", &kWebSearch},
    {"web_search_preview", &kWebSearchPreview},
    {"web_search_preview_2025_03_11", &kWebSearchPreview},
    {"mcp", &kMcp},
    {"code_interpreter", &kInterpreter},
    {"programmatic_tool_calling", &kTypeOnly},
    {"image_generation", &kImage},
    {"local_shell", &kTypeOnly},
    {"shell", &kShell},
    {"tool_search", &kToolSearch},
    {"apply_patch", &kPatch},
};
constexpr Shape kTool = by_tag("type", kToolVariants, "an object");

}  // namespace

constinit const Shape kResponsesTools{.type = Type::kArray, .max_size = 128, .item = &kTool};

}  // namespace sluice::sim
