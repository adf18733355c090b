// check: allow file-sizes because it is one table
#include "sim/anthropic/shapes.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include "sim/shape_words.h"

namespace sluice::sim::anthropic {

namespace {

constexpr Shape kAnyList = list(kAnything);
constexpr Shape kAnyObjectOrNull = map(kAnything, 1 << 20, Null::kAllowed);
constexpr Shape kTextList = list(kText);
constexpr Shape kTextListOrNull = list(kText, 0, 1 << 20, Null::kAllowed);
constexpr Shape kCount = integer(0, kInfinity, Null::kRefused);
constexpr Shape kIndexOrNull = integer(0, kInfinity);
constexpr Shape kPositiveOrNull = integer(1, kInfinity);

// ---- caching, citations ----

constexpr std::string_view kEphemeralNames[] = {"ephemeral"};
constexpr Shape kEphemeral = one_of(kEphemeralNames);
constexpr std::string_view kTtlNames[] = {"5m", "1h"};
constexpr Shape kTtl = one_of(kTtlNames);
constexpr Field kCacheFields[] = {{"type", &kEphemeral, kRequired}, {"ttl", &kTtl}};
constexpr Shape kCache = object(kCacheFields, Null::kAllowed);

// `file_id` is part of answers only; what was answered may be sent back.
constexpr Field kCharFields[] = {
    {"type", &kText, kRequired},
    {"cited_text", &kText, kRequired},
    {"document_index", &kCount, kRequired},
    {"document_title", &kTextOrNull, kRequired},
    {"start_char_index", &kCount, kRequired},
    {"end_char_index", &kCount, kRequired},
    {"file_id", &kTextOrNull},
};
constexpr Field kPageFields[] = {
    {"type", &kText, kRequired},
    {"cited_text", &kText, kRequired},
    {"document_index", &kCount, kRequired},
    {"document_title", &kTextOrNull, kRequired},
    {"start_page_number", &kCount, kRequired},
    {"end_page_number", &kCount, kRequired},
    {"file_id", &kTextOrNull},
};
constexpr Field kBlockFields[] = {
    {"type", &kText, kRequired},
    {"cited_text", &kText, kRequired},
    {"document_index", &kCount, kRequired},
    {"document_title", &kTextOrNull, kRequired},
    {"start_block_index", &kCount, kRequired},
    {"end_block_index", &kCount, kRequired},
    {"file_id", &kTextOrNull},
};
constexpr Field kWebLocationFields[] = {
    {"type", &kText, kRequired},        {"cited_text", &kText, kRequired}, {"encrypted_index", &kText, kRequired},
    {"title", &kTextOrNull, kRequired}, {"url", &kText, kRequired},
};
constexpr Field kSearchLocationFields[] = {
    {"type", &kText, kRequired},
    {"cited_text", &kText, kRequired},
    {"search_result_index", &kCount, kRequired},
    {"source", &kText, kRequired},
    {"title", &kTextOrNull, kRequired},
    {"start_block_index", &kCount, kRequired},
    {"end_block_index", &kCount, kRequired},
};
constexpr Shape kCharLocation = object(kCharFields);
constexpr Shape kPageLocation = object(kPageFields);
constexpr Shape kBlockLocation = object(kBlockFields);
constexpr Shape kWebLocation = object(kWebLocationFields);
constexpr Shape kSearchLocation = object(kSearchLocationFields);
constexpr Variant kCitationVariants[] = {
    {"char_location", &kCharLocation},
    {"page_location", &kPageLocation},
    {"content_block_location", &kBlockLocation},
    {"web_search_result_location", &kWebLocation},
    {"search_result_location", &kSearchLocation},
};
constexpr Shape kCitation = by_tag("type", kCitationVariants, "an object");
constexpr Shape kCitations = list(kCitation, 0, 1 << 20, Null::kAllowed);
constexpr Field kCitingFields[] = {{"enabled", &kBool}};
constexpr Shape kCiting = object(kCitingFields);
constexpr Shape kCitingOrNull = object(kCitingFields, Null::kAllowed);

// ---- text, images, documents ----

constexpr Field kTextFields[] = {
    {"type", &kText, kRequired}, {"text", &kText, kRequired}, {"cache_control", &kCache}, {"citations", &kCitations}};
constexpr Shape kTextBlock = object(kTextFields);
constexpr Variant kTextVariants[] = {{"text", &kTextBlock}};
constexpr Shape kTextOnly = by_tag("type", kTextVariants, "an object");
constexpr Shape kTextBlocks = list(kTextOnly);
constexpr const Shape* kTextOrBlocksChoices[] = {&kText, &kTextBlocks};
constexpr Shape kTextOrBlocks = any_of(kTextOrBlocksChoices, "a valid string or a valid list");

constexpr std::string_view kImageTypeNames[] = {"image/jpeg", "image/png", "image/gif", "image/webp"};
constexpr Shape kImageType = one_of(kImageTypeNames);
constexpr Field kImageBytesFields[] = {
    {"type", &kText, kRequired}, {"media_type", &kImageType, kRequired}, {"data", &kText, kRequired}};
constexpr Shape kImageBytes = object(kImageBytesFields);
constexpr Field kUrlSourceFields[] = {{"type", &kText, kRequired}, {"url", &kText, kRequired}};
constexpr Shape kUrlSource = object(kUrlSourceFields);
constexpr Field kFileSourceFields[] = {{"type", &kText, kRequired}, {"file_id", &kText, kRequired}};
constexpr Shape kFileSource = object(kFileSourceFields);
constexpr Variant kImageSources[] = {{"base64", &kImageBytes}, {"url", &kUrlSource}, {"file", &kFileSource}};
constexpr Shape kImageSource = by_tag("type", kImageSources, "an object");
constexpr std::string_view kOversizedNames[] = {"downsize", "error"};
constexpr Shape kOversized = one_of(kOversizedNames);
constexpr Field kTransformationsFields[] = {{"oversized_image", &kOversized}};
constexpr Shape kTransformations = object(kTransformationsFields, Null::kAllowed);
constexpr Field kImageFields[] = {{"type", &kText, kRequired},
                                  {"source", &kImageSource, kRequired},
                                  {"cache_control", &kCache},
                                  {"transformations", &kTransformations}};
constexpr Shape kImage = object(kImageFields);

constexpr std::string_view kPdfNames[] = {"application/pdf"};
constexpr Shape kPdf = one_of(kPdfNames);
constexpr Field kPdfFields[] = {
    {"type", &kText, kRequired}, {"media_type", &kPdf, kRequired}, {"data", &kText, kRequired}};
constexpr Shape kPdfBytes = object(kPdfFields);
constexpr std::string_view kPlainNames[] = {"text/plain"};
constexpr Shape kPlain = one_of(kPlainNames);
constexpr Field kPlainFields[] = {
    {"type", &kText, kRequired}, {"media_type", &kPlain, kRequired}, {"data", &kText, kRequired}};
constexpr Shape kPlainText = object(kPlainFields);
constexpr Variant kPartVariants[] = {{"text", &kTextBlock}, {"image", &kImage}};
constexpr Shape kPart = by_tag("type", kPartVariants, "an object");
constexpr Shape kParts = list(kPart);
constexpr const Shape* kPartsChoices[] = {&kText, &kParts};
constexpr Shape kTextOrParts = any_of(kPartsChoices, "a valid string or a valid list");
constexpr Field kContentSourceFields[] = {{"type", &kText, kRequired}, {"content", &kTextOrParts, kRequired}};
constexpr Shape kContentSource = object(kContentSourceFields);
constexpr Variant kDocumentSources[] = {{"base64", &kPdfBytes},
                                        {"text", &kPlainText},
                                        {"content", &kContentSource},
                                        {"url", &kUrlSource},
                                        {"file", &kFileSource}};
constexpr Shape kDocumentSource = by_tag("type", kDocumentSources, "an object");
constexpr Field kDocumentFields[] = {
    {"type", &kText, kRequired}, {"source", &kDocumentSource, kRequired},
    {"cache_control", &kCache},  {"citations", &kCitingOrNull},
    {"context", &kTextOrNull},   {"title", &kTextOrNull},
};
constexpr Shape kDocument = object(kDocumentFields);
constexpr Field kSearchResultFields[] = {
    {"type", &kText, kRequired},  {"content", &kTextBlocks, kRequired}, {"source", &kText, kRequired},
    {"title", &kText, kRequired}, {"cache_control", &kCache},           {"citations", &kCiting},
};
constexpr Shape kSearchResult = object(kSearchResultFields);

// ---- thinking, calls and results ----

constexpr Field kThinkingFields[] = {
    {"type", &kText, kRequired}, {"thinking", &kText, kRequired}, {"signature", &kText, kRequired}};
constexpr Shape kThinkingBlock = object(kThinkingFields);
constexpr Field kRedactedFields[] = {{"type", &kText, kRequired}, {"data", &kText, kRequired}};
constexpr Shape kRedactedBlock = object(kRedactedFields);

constexpr Field kDirectFields[] = {{"type", &kText, kRequired}};
constexpr Shape kDirect = object(kDirectFields);
constexpr Field kServerCallerFields[] = {{"type", &kText, kRequired}, {"tool_id", &kText, kRequired}};
constexpr Shape kServerCaller = object(kServerCallerFields);
constexpr Variant kCallers[] = {
    {"direct", &kDirect}, {"code_execution_20250825", &kServerCaller}, {"code_execution_20260120", &kServerCaller}};
constexpr Shape kCaller = by_tag("type", kCallers, "an object");
constexpr Field kToolUseFields[] = {
    {"type", &kText, kRequired},       {"id", &kText, kRequired},  {"name", &kText, kRequired},
    {"input", &kAnyObject, kRequired}, {"cache_control", &kCache}, {"caller", &kCaller},
    {"toolset_name", &kTextOrNull},
};
constexpr Shape kToolUse = object(kToolUseFields);

constexpr Field kReferenceFields[] = {
    {"type", &kText, kRequired}, {"tool_name", &kText, kRequired}, {"cache_control", &kCache}};
constexpr Shape kReference = object(kReferenceFields);
constexpr Field kTabFields[] = {
    {"tab_id", &kText, kRequired}, {"title", &kText, kRequired}, {"url", &kText, kRequired}, {"active", &kBool}};
constexpr Shape kTab = object(kTabFields);
constexpr Shape kTabs = list(kTab);
constexpr Field kTabOpenedFields[] = {{"type", &kText, kRequired}, {"tab_id", &kText, kRequired}};
constexpr Field kStartedFields[] = {
    {"type", &kText, kRequired}, {"download_id", &kText, kRequired}, {"url", &kText, kRequired}};
constexpr Field kCompletedFields[] = {{"type", &kText, kRequired},
                                      {"download_id", &kText, kRequired},
                                      {"url", &kText, kRequired},
                                      {"path", &kTextOrNull},
                                      {"size_bytes", &kIndexOrNull}};
constexpr Field kFailedFields[] = {{"type", &kText, kRequired},
                                   {"download_id", &kText, kRequired},
                                   {"url", &kText, kRequired},
                                   {"error", &kTextOrNull}};
constexpr Shape kTabOpened = object(kTabOpenedFields);
constexpr Shape kStarted = object(kStartedFields);
constexpr Shape kCompleted = object(kCompletedFields);
constexpr Shape kFailed = object(kFailedFields);
constexpr Variant kChangeVariants[] = {{"tab_opened", &kTabOpened},
                                       {"download_started", &kStarted},
                                       {"download_completed", &kCompleted},
                                       {"download_failed", &kFailed}};
constexpr Shape kChange = by_tag("type", kChangeVariants, "an object");
constexpr Shape kChanges = list(kChange, 0, 1 << 20, Null::kAllowed);
constexpr Field kBrowserStateFields[] = {
    {"type", &kText, kRequired}, {"tabs", &kTabs, kRequired}, {"cache_control", &kCache}, {"state_changes", &kChanges}};
constexpr Shape kBrowserState = object(kBrowserStateFields);

constexpr Variant kResultParts[] = {{"text", &kTextBlock},
                                    {"image", &kImage},
                                    {"search_result", &kSearchResult},
                                    {"document", &kDocument},
                                    {"tool_reference", &kReference},
                                    {"browser_state", &kBrowserState}};
constexpr Shape kResultPart = by_tag("type", kResultParts, "an object");
constexpr Shape kResultPartList = list(kResultPart);
constexpr const Shape* kResultChoices[] = {&kText, &kResultPartList};
constexpr Shape kResultContent = any_of(kResultChoices, "a valid string or a valid list");
constexpr Field kToolResultFields[] = {
    {"type", &kText, kRequired}, {"tool_use_id", &kText, kRequired},
    {"cache_control", &kCache},  {"content", &kResultContent},
    {"is_error", &kBool},        {"toolset_name", &kTextOrNull},
};
constexpr Shape kToolResult = object(kToolResultFields);

// ---- what the provider's own tools did ----

constexpr std::string_view kServerToolNames[] = {
    "web_search",
    "web_fetch",
    "code_execution",
    "bash_code_execution",
    "text_editor_code_execution",
    "tool_search_tool_regex",
    "tool_search_tool_bm25",
};
constexpr Shape kServerTool = one_of(kServerToolNames);
constexpr Field kServerUseFields[] = {
    {"type", &kText, kRequired},       {"id", &kText, kRequired},  {"name", &kServerTool, kRequired},
    {"input", &kAnyObject, kRequired}, {"cache_control", &kCache}, {"caller", &kCaller},
};
constexpr Shape kServerUse = object(kServerUseFields);

constexpr Field kErrorFields[] = {{"type", &kText, kRequired}, {"error_code", &kText, kRequired}};
constexpr Shape kToolError = object(kErrorFields);
constexpr Field kToldErrorFields[] = {
    {"type", &kText, kRequired}, {"error_code", &kText, kRequired}, {"error_message", &kTextOrNull}};
constexpr Shape kToldError = object(kToldErrorFields);

constexpr std::string_view kWebResultNames[] = {"web_search_result"};
constexpr Shape kWebResultType = one_of(kWebResultNames);
constexpr Field kWebResultFields[] = {
    {"type", &kWebResultType, kRequired}, {"encrypted_content", &kText, kRequired},
    {"title", &kText, kRequired},         {"url", &kText, kRequired},
    {"page_age", &kTextOrNull},
};
constexpr Shape kWebResult = object(kWebResultFields);
constexpr Shape kWebResults = list(kWebResult);
constexpr const Shape* kWebSearchChoices[] = {&kWebResults, &kToolError};
constexpr Shape kWebSearchContent = any_of(kWebSearchChoices, "a valid list or an error");
constexpr Field kFetchedFields[] = {{"type", &kText, kRequired},
                                    {"content", &kDocument, kRequired},
                                    {"url", &kText, kRequired},
                                    {"retrieved_at", &kTextOrNull}};
constexpr Shape kFetched = object(kFetchedFields);
constexpr Variant kWebFetchVariants[] = {{"web_fetch_result", &kFetched}, {"web_fetch_tool_result_error", &kToolError}};
constexpr Shape kWebFetchContent = by_tag("type", kWebFetchVariants, "an object");

constexpr Field kOutputFields[] = {{"type", &kText, kRequired}, {"file_id", &kText, kRequired}};
constexpr Shape kOutput = object(kOutputFields);
constexpr Shape kOutputs = list(kOutput);
constexpr Shape kReturnCode{.type = Type::kInteger};
constexpr Field kRanFields[] = {{"type", &kText, kRequired},
                                {"content", &kOutputs, kRequired},
                                {"return_code", &kReturnCode, kRequired},
                                {"stderr", &kText, kRequired},
                                {"stdout", &kText, kRequired}};
constexpr Shape kRan = object(kRanFields);
constexpr Field kEncryptedRunFields[] = {{"type", &kText, kRequired},
                                         {"content", &kOutputs, kRequired},
                                         {"encrypted_stdout", &kText, kRequired},
                                         {"return_code", &kReturnCode, kRequired},
                                         {"stderr", &kText, kRequired}};
constexpr Shape kEncryptedRun = object(kEncryptedRunFields);
constexpr Variant kCodeVariants[] = {{"code_execution_result", &kRan},
                                     {"encrypted_code_execution_result", &kEncryptedRun},
                                     {"code_execution_tool_result_error", &kToolError}};
constexpr Shape kCodeContent = by_tag("type", kCodeVariants, "an object");
constexpr Variant kBashVariants[] = {{"bash_code_execution_result", &kRan},
                                     {"bash_code_execution_tool_result_error", &kToolError}};
constexpr Shape kBashContent = by_tag("type", kBashVariants, "an object");

constexpr std::string_view kViewedNames[] = {"text", "image", "pdf"};
constexpr Shape kViewed = one_of(kViewedNames);
constexpr Field kViewFields[] = {
    {"type", &kText, kRequired},  {"content", &kText, kRequired}, {"file_type", &kViewed, kRequired},
    {"num_lines", &kIndexOrNull}, {"start_line", &kIndexOrNull},  {"total_lines", &kIndexOrNull},
};
constexpr Shape kView = object(kViewFields);
constexpr Field kCreateFields[] = {{"type", &kText, kRequired}, {"is_file_update", &kBool, kRequired}};
constexpr Shape kCreate = object(kCreateFields);
constexpr Field kReplaceFields[] = {
    {"type", &kText, kRequired},  {"lines", &kTextListOrNull},  {"new_lines", &kIndexOrNull},
    {"new_start", &kIndexOrNull}, {"old_lines", &kIndexOrNull}, {"old_start", &kIndexOrNull},
};
constexpr Shape kReplace = object(kReplaceFields);
constexpr Variant kEditorVariants[] = {
    {"text_editor_code_execution_view_result", &kView},
    {"text_editor_code_execution_create_result", &kCreate},
    {"text_editor_code_execution_str_replace_result", &kReplace},
    {"text_editor_code_execution_tool_result_error", &kToldError},
};
constexpr Shape kEditorContent = by_tag("type", kEditorVariants, "an object");
constexpr Shape kReferences = list(kReference);
constexpr Field kFoundFields[] = {{"type", &kText, kRequired}, {"tool_references", &kReferences, kRequired}};
constexpr Shape kFound = object(kFoundFields);
constexpr Variant kToolSearchVariants[] = {{"tool_search_tool_search_result", &kFound},
                                           {"tool_search_tool_result_error", &kToldError}};
constexpr Shape kToolSearchContent = by_tag("type", kToolSearchVariants, "an object");

constexpr std::array<Field, 4> server_result(const Shape& content) {
  return {{{"type", &kText, kRequired},
           {"tool_use_id", &kText, kRequired},
           {"content", &content, kRequired},
           {"cache_control", &kCache}}};
}
constexpr std::array<Field, 5> called_result(const Shape& content) {
  return {{{"type", &kText, kRequired},
           {"tool_use_id", &kText, kRequired},
           {"content", &content, kRequired},
           {"cache_control", &kCache},
           {"caller", &kCaller}}};
}
constexpr auto kWebSearchResultFields = called_result(kWebSearchContent);
constexpr auto kWebFetchResultFields = called_result(kWebFetchContent);
constexpr auto kCodeResultFields = server_result(kCodeContent);
constexpr auto kBashResultFields = server_result(kBashContent);
constexpr auto kEditorResultFields = server_result(kEditorContent);
constexpr auto kToolSearchResultFields = server_result(kToolSearchContent);
constexpr Shape kWebSearchResult = object(kWebSearchResultFields);
constexpr Shape kWebFetchResult = object(kWebFetchResultFields);
constexpr Shape kCodeResult = object(kCodeResultFields);
constexpr Shape kBashResult = object(kBashResultFields);
constexpr Shape kEditorResult = object(kEditorResultFields);
constexpr Shape kToolSearchResult = object(kToolSearchResultFields);
constexpr Field kUploadFields[] = {
    {"type", &kText, kRequired}, {"file_id", &kText, kRequired}, {"cache_control", &kCache}};
constexpr Shape kUpload = object(kUploadFields);

// ---- messages ----

constexpr Variant kBlockVariants[] = {
    {"text", &kTextBlock},
    {"image", &kImage},
    {"document", &kDocument},
    {"search_result", &kSearchResult},
    {"thinking", &kThinkingBlock},
    {"redacted_thinking", &kRedactedBlock},
    {"tool_use", &kToolUse},
    {"tool_result", &kToolResult},
    {"server_tool_use", &kServerUse},
    {"web_search_tool_result", &kWebSearchResult},
    {"web_fetch_tool_result", &kWebFetchResult},
    {"code_execution_tool_result", &kCodeResult},
    {"bash_code_execution_tool_result", &kBashResult},
    {"text_editor_code_execution_tool_result", &kEditorResult},
    {"tool_search_tool_result", &kToolSearchResult},
    {"container_upload", &kUpload},
};
constexpr Shape kBlock = by_tag("type", kBlockVariants, "an object");
constexpr Shape kBlocks = list(kBlock);
constexpr const Shape* kContentChoices[] = {&kText, &kBlocks};
constexpr Shape kContent = any_of(kContentChoices, "a valid string or a valid list");
constexpr Field kTurnFields[] = {{"role", &kText, kRequired}, {"content", &kContent, kRequired}};
constexpr Shape kTurn = object(kTurnFields);
constexpr Field kSystemTurnFields[] = {{"role", &kText, kRequired}, {"content", &kTextOrBlocks, kRequired}};
constexpr Shape kSystemTurn = object(kSystemTurnFields);
constexpr Variant kRoles[] = {{"user", &kTurn}, {"assistant", &kTurn}, {"system", &kSystemTurn}};
constexpr Shape kMessage = by_tag("role", kRoles, "an object");
constexpr Shape kMessages = list(kMessage, 0, 100'000);

// ---- tools ----

constexpr std::string_view kCallerNames[] = {"direct", "code_execution_20250825", "code_execution_20260120",
                                             "code_execution_20260521"};
constexpr Shape kAllowedCaller = one_of(kCallerNames);
constexpr Shape kAllowedCallers = list(kAllowedCaller);
constexpr Shape kExamples = list(kAnyObject);
constexpr Field kClientToolFields[] = {
    {"name", &kText, kRequired},    {"input_schema", &kAnyObject, kRequired},
    {"type", &kTextOrNull},         {"allowed_callers", &kAllowedCallers},
    {"cache_control", &kCache},     {"defer_loading", &kBool},
    {"description", &kText},        {"eager_input_streaming", &kBoolOrNull},
    {"input_examples", &kExamples}, {"strict", &kBool},
};
constexpr Shape kClientTool = object(kClientToolFields);

constexpr std::array<Field, 6> server_tool(const Shape& name) {
  return {{{"name", &name, kRequired},
           {"type", &kText, kRequired},
           {"allowed_callers", &kAllowedCallers},
           {"cache_control", &kCache},
           {"defer_loading", &kBool},
           {"strict", &kBool}}};
}
template <std::size_t N, std::size_t M>
constexpr std::array<Field, N + M> more(const std::array<Field, N>& fields, const Field (&added)[M]) {
  std::array<Field, N + M> all{};
  std::ranges::copy(fields, all.begin());
  std::ranges::copy(added, all.begin() + N);
  return all;
}
constexpr Field kWithExamples[] = {{"input_examples", &kExamples}};
constexpr Field kEditorExtras[] = {{"input_examples", &kExamples}, {"max_characters", &kPositiveOrNull}};

constexpr std::string_view kBashNames[] = {"bash"};
constexpr std::string_view kCodeNames[] = {"code_execution"};
constexpr std::string_view kMemoryNames[] = {"memory"};
constexpr std::string_view kOldEditorNames[] = {"str_replace_editor"};
constexpr std::string_view kEditorNames[] = {"str_replace_based_edit_tool"};
constexpr std::string_view kSearchNames[] = {"web_search"};
constexpr std::string_view kFetchNames[] = {"web_fetch"};
constexpr std::string_view kBm25Names[] = {"tool_search_tool_bm25"};
constexpr std::string_view kRegexNames[] = {"tool_search_tool_regex"};
constexpr Shape kBashName = one_of(kBashNames);
constexpr Shape kCodeName = one_of(kCodeNames);
constexpr Shape kMemoryName = one_of(kMemoryNames);
constexpr Shape kOldEditorName = one_of(kOldEditorNames);
constexpr Shape kEditorName = one_of(kEditorNames);
constexpr Shape kSearchName = one_of(kSearchNames);
constexpr Shape kFetchName = one_of(kFetchNames);
constexpr Shape kBm25Name = one_of(kBm25Names);
constexpr Shape kRegexName = one_of(kRegexNames);

constexpr std::string_view kApproximateNames[] = {"approximate"};
constexpr Shape kApproximate = one_of(kApproximateNames);
constexpr Field kPlaceFields[] = {{"type", &kApproximate, kRequired},
                                  {"city", &kTextOrNull},
                                  {"country", &kTextOrNull},
                                  {"region", &kTextOrNull},
                                  {"timezone", &kTextOrNull}};
constexpr Shape kUserPlace = object(kPlaceFields, Null::kAllowed);
constexpr std::string_view kInclusionNames[] = {"full", "excluded"};
constexpr Shape kInclusion = one_of(kInclusionNames);
constexpr Field kSearchExtras[] = {{"allowed_domains", &kTextListOrNull},
                                   {"blocked_domains", &kTextListOrNull},
                                   {"max_uses", &kPositiveOrNull},
                                   {"user_location", &kUserPlace}};
constexpr Field kNewInclusion[] = {{"response_inclusion", &kInclusion}};
constexpr Field kUrlToolFields[] = {{"type", &kText, kRequired}, {"name", &kText, kRequired}};
constexpr Shape kUrlTool = object(kUrlToolFields);
constexpr Shape kUrlTools = list(kUrlTool);
constexpr Field kNamedUrlsFields[] = {{"type", &kText, kRequired}, {"tools", &kUrlTools, kRequired}};
constexpr Shape kNamedUrls = object(kNamedUrlsFields);
constexpr Variant kUrlsVariants[] = {
    {"all", &kDirect}, {"none", &kDirect}, {"only", &kNamedUrls}, {"except", &kNamedUrls}};
constexpr Shape kUrls = by_tag("type", kUrlsVariants, "an object");
constexpr Variant kInputUrlsVariants[] = {{"all", &kDirect}, {"none", &kDirect}};
constexpr Shape kInputUrls = by_tag("type", kInputUrlsVariants, "an object");
constexpr Field kUrlSourcesFields[] = {
    {"client_tool_results", &kUrls}, {"server_tool_results", &kUrls}, {"user_input", &kInputUrls}};
constexpr Shape kUrlSources = object(kUrlSourcesFields, Null::kAllowed);
constexpr Field kFetchExtras[] = {{"allowed_domains", &kTextListOrNull}, {"blocked_domains", &kTextListOrNull},
                                  {"citations", &kCitingOrNull},         {"max_content_tokens", &kPositiveOrNull},
                                  {"max_uses", &kPositiveOrNull},        {"url_sources", &kUrlSources}};
constexpr Field kUseCache[] = {{"use_cache", &kBool}};

constexpr auto kBashToolFields = more(server_tool(kBashName), kWithExamples);
constexpr auto kCodeToolFields = server_tool(kCodeName);
constexpr auto kMemoryToolFields = more(server_tool(kMemoryName), kWithExamples);
constexpr auto kOldEditorFields = more(server_tool(kOldEditorName), kWithExamples);
constexpr auto kEditorFields = more(server_tool(kEditorName), kWithExamples);
constexpr auto kNewEditorFields = more(server_tool(kEditorName), kEditorExtras);
constexpr auto kSearchFields = more(server_tool(kSearchName), kSearchExtras);
constexpr auto kNewSearchFields = more(kSearchFields, kNewInclusion);
constexpr auto kFetchFields = more(server_tool(kFetchName), kFetchExtras);
constexpr auto kCachedFetchFields = more(kFetchFields, kUseCache);
constexpr auto kNewFetchFields = more(kCachedFetchFields, kNewInclusion);
constexpr auto kBm25Fields = server_tool(kBm25Name);
constexpr auto kRegexFields = server_tool(kRegexName);
constexpr Shape kBashTool = object(kBashToolFields);
constexpr Shape kCodeTool = object(kCodeToolFields);
constexpr Shape kMemoryTool = object(kMemoryToolFields);
constexpr Shape kOldEditorTool = object(kOldEditorFields);
constexpr Shape kEditorTool = object(kEditorFields);
constexpr Shape kNewEditorTool = object(kNewEditorFields);
constexpr Shape kSearchTool = object(kSearchFields);
constexpr Shape kNewSearchTool = object(kNewSearchFields);
constexpr Shape kFetchTool = object(kFetchFields);
constexpr Shape kCachedFetchTool = object(kCachedFetchFields);
constexpr Shape kNewFetchTool = object(kNewFetchFields);
constexpr Shape kBm25Tool = object(kBm25Fields);
constexpr Shape kRegexTool = object(kRegexFields);

constexpr Field kMemberFields[] = {{"defer_loading", &kBoolOrNull}, {"enabled", &kBoolOrNull}};
constexpr Shape kMember = object(kMemberFields, Null::kAllowed);
constexpr Field kComputerFields[] = {
    {"cursor_position", &kMember},
    {"double_click", &kMember},
    {"hold_key", &kMember},
    {"key", &kMember},
    {"left_click", &kMember},
    {"left_click_drag", &kMember},
    {"left_mouse_down", &kMember},
    {"left_mouse_up", &kMember},
    {"middle_click", &kMember},
    {"mouse_move", &kMember},
    {"right_click", &kMember},
    {"screenshot", &kMember},
    {"scroll", &kMember},
    {"triple_click", &kMember},
    {"type", &kMember},
    {"wait", &kMember},
    {"zoom", &kMember},
};
constexpr Shape kComputerMembers = object(kComputerFields, Null::kAllowed);
constexpr Field kBrowserFields[] = {
    {"close_tab", &kMember},
    {"double_click", &kMember},
    {"file_upload", &kMember},
    {"find", &kMember},
    {"form_input", &kMember},
    {"get_page_text", &kMember},
    {"hold_key", &kMember},
    {"hover", &kMember},
    {"javascript_exec", &kMember},
    {"key", &kMember},
    {"left_click", &kMember},
    {"left_click_drag", &kMember},
    {"left_mouse_down", &kMember},
    {"left_mouse_up", &kMember},
    {"list_tabs", &kMember},
    {"middle_click", &kMember},
    {"mouse_move", &kMember},
    {"navigate", &kMember},
    {"new_tab", &kMember},
    {"read_console", &kMember},
    {"read_network", &kMember},
    {"read_page", &kMember},
    {"right_click", &kMember},
    {"screenshot", &kMember},
    {"scroll", &kMember},
    {"scroll_to", &kMember},
    {"switch_tab", &kMember},
    {"triple_click", &kMember},
    {"type", &kMember},
    {"wait", &kMember},
    {"zoom", &kMember},
};
constexpr Shape kBrowserMembers = object(kBrowserFields, Null::kAllowed);
constexpr Field kComputerToolFields[] = {
    {"type", &kText, kRequired}, {"cache_control", &kCache}, {"configs", &kComputerMembers}};
constexpr Shape kComputerTool = object(kComputerToolFields);
constexpr Field kBrowserToolFields[] = {
    {"type", &kText, kRequired}, {"cache_control", &kCache}, {"configs", &kBrowserMembers}};
constexpr Shape kBrowserTool = object(kBrowserToolFields);

// For those who ask for a beta.
constexpr std::string_view kPointerNames[] = {"computer"};
constexpr Shape kPointerName = one_of(kPointerNames);
constexpr Shape kPixels = integer(1, kInfinity, Null::kRefused);
constexpr Field kPointerFields[] = {
    {"type", &kText, kRequired},
    {"name", &kPointerName, kRequired},
    {"display_width_px", &kPixels, kRequired},
    {"display_height_px", &kPixels, kRequired},
    {"display_number", &kIndexOrNull},
    {"enable_zoom", &kBool},
    {"allowed_callers", &kAllowedCallers},
    {"cache_control", &kCache},
    {"defer_loading", &kBool},
    {"input_examples", &kExamples},
    {"strict", &kBool},
};
constexpr Shape kPointerTool = object(kPointerFields);
constexpr Shape kMembers = map(kMember, 1 << 20, Null::kAllowed);
constexpr Field kMcpFields[] = {{"type", &kText, kRequired},
                                {"mcp_server_name", &kSomeText, kRequired},
                                {"cache_control", &kCache},
                                {"configs", &kMembers},
                                {"default_config", &kMember}};
constexpr Shape kMcpTool = object(kMcpFields);

constexpr Variant kTools[] = {
    {"custom", &kClientTool},
    {"bash_20250124", &kBashTool},
    {"text_editor_20250124", &kOldEditorTool},
    {"text_editor_20250429", &kEditorTool},
    {"text_editor_20250728", &kNewEditorTool},
    {"mcp_toolset", &kMcpTool},
    {"memory_20250818", &kMemoryTool},
    {"computer_20250124", &kPointerTool},
    {"computer_20251124", &kPointerTool},
    {"computer_toolset_20260801", &kComputerTool},
    {"browser_toolset_20260801", &kBrowserTool},
    {"web_search_20250305", &kSearchTool},
    {"web_search_20260209", &kSearchTool},
    {"web_search_20260318", &kNewSearchTool},
    {"web_fetch_20250910", &kFetchTool},
    {"web_fetch_20260209", &kFetchTool},
    {"web_fetch_20260309", &kCachedFetchTool},
    {"web_fetch_20260318", &kNewFetchTool},
    {"code_execution_20250522", &kCodeTool},
    {"code_execution_20250825", &kCodeTool},
    {"code_execution_20260120", &kCodeTool},
    {"code_execution_20260521", &kCodeTool},
    {"tool_search_tool_bm25", &kBm25Tool},
    {"tool_search_tool_bm25_20251119", &kBm25Tool},
    {"tool_search_tool_regex", &kRegexTool},
    {"tool_search_tool_regex_20251119", &kRegexTool},
};

constexpr Field kFreeChoiceFields[] = {{"type", &kText, kRequired}, {"disable_parallel_tool_use", &kBool}};
constexpr Shape kFreeChoice = object(kFreeChoiceFields);
constexpr Field kNamedChoiceFields[] = {
    {"type", &kText, kRequired}, {"name", &kText, kRequired}, {"disable_parallel_tool_use", &kBool}};
constexpr Shape kNamedChoice = object(kNamedChoiceFields);
constexpr Variant kChoices[] = {
    {"auto", &kFreeChoice}, {"any", &kFreeChoice}, {"tool", &kNamedChoice}, {"none", &kDirect}};
constexpr Shape kToolChoice = by_tag("type", kChoices, "an object");

// ---- the rest ----

constexpr std::string_view kDisplayNames[] = {"summarized", "omitted"};
constexpr Shape kDisplay = one_of(kDisplayNames, Null::kAllowed);
constexpr Shape kBudget = integer(1024, kInfinity, Null::kRefused);
constexpr Field kEnabledFields[] = {
    {"type", &kText, kRequired}, {"budget_tokens", &kBudget, kRequired}, {"display", &kDisplay}};
constexpr Shape kEnabled = object(kEnabledFields);
constexpr Field kAdaptiveFields[] = {{"type", &kText, kRequired}, {"display", &kDisplay}};
constexpr Shape kAdaptive = object(kAdaptiveFields);
constexpr Variant kThinkingVariants[] = {
    {"enabled", &kEnabled}, {"disabled", &kDirect}, {"between_tools", &kDirect}, {"adaptive", &kAdaptive}};
constexpr Shape kThinking = by_tag("type", kThinkingVariants, "an object");

constexpr std::string_view kEffortNames[] = {"low", "medium", "high", "xhigh", "max"};
constexpr Shape kEffort = one_of(kEffortNames, Null::kAllowed);
constexpr std::string_view kFormatNames[] = {"json_schema"};
constexpr Shape kFormatType = one_of(kFormatNames);
constexpr Field kFormatFields[] = {{"type", &kFormatType, kRequired}, {"schema", &kAnyObject, kRequired}};
constexpr Shape kFormat = object(kFormatFields, Null::kAllowed);
constexpr Field kOutputConfigFields[] = {{"effort", &kEffort}, {"format", &kFormat}};
constexpr Shape kOutputConfig = object(kOutputConfigFields);

constexpr Shape kUserId{.type = Type::kString, .null = Null::kAllowed, .max_size = 256};
constexpr Field kMetadataFields[] = {{"user_id", &kUserId}};
constexpr Shape kMetadata = object(kMetadataFields);
constexpr Field kDiagnosticsFields[] = {{"previous_message_id", &kTextOrNull}};
constexpr Shape kDiagnostics = object(kDiagnosticsFields, Null::kAllowed);
constexpr std::string_view kSkillNames[] = {"anthropic", "custom"};
constexpr Shape kSkillType = one_of(kSkillNames);
constexpr Field kSkillFields[] = {
    {"skill_id", &kText, kRequired}, {"type", &kSkillType, kRequired}, {"version", &kText}};
constexpr Shape kSkill = object(kSkillFields);
constexpr Shape kSkills = list(kSkill, 0, 1 << 20, Null::kAllowed);
constexpr Field kContainerFields[] = {{"id", &kTextOrNull}, {"skills", &kSkills}};
constexpr Shape kContainerObject = object(kContainerFields);
constexpr const Shape* kContainerChoices[] = {&kText, &kContainerObject};
constexpr Shape kContainer = any_of(kContainerChoices, "a valid string or a valid dictionary", Null::kAllowed);

constexpr std::string_view kTierNames[] = {"auto", "standard_only"};
constexpr Shape kTier = one_of(kTierNames);
constexpr std::string_view kSpeedNames[] = {"standard", "fast"};
constexpr Shape kSpeed = one_of(kSpeedNames, Null::kAllowed);
constexpr Shape kShare = number(0, 1, Null::kRefused);

constexpr Field kRequestFields[] = {
    {"model", &kSomeText},
    {"max_tokens", &kCount, kRequired},
    {"messages", &kMessages, kRequired},
    {"anthropic_version", &kText},
    {"anthropic_beta", &kTextList},
    {"billing_policy", &kAnything},
    {"cache_control", &kCache},
    {"compaction", &kAnything},
    {"container", &kContainer},
    {"context_management", &kAnyObjectOrNull},
    {"diagnostics", &kDiagnostics},
    {"fallbacks", &kAnything},
    {"inference_geo", &kTextOrNull},
    {"mcp_servers", &kAnyList},
    {"metadata", &kMetadata},
    {"output_config", &kOutputConfig},
    {"output_format", &kFormat},
    {"service_tier", &kTier},
    {"speed", &kSpeed},
    {"stop_sequences", &kTextList},
    {"stream", &kBool},
    {"system", &kTextOrBlocks},
    {"temperature", &kShare},
    {"thinking", &kThinking},
    {"thread", &kAnything},
    {"tool_choice", &kToolChoice},
    {"tools", &kAnyList},
    {"top_k", &kCount},
    {"top_p", &kShare},
};
constexpr Shape kRequest = object(kRequestFields);

constexpr Field kCountFields[] = {
    {"model", &kSomeText},
    {"messages", &kMessages, kRequired},
    {"anthropic_version", &kText},
    {"cache_control", &kCache},
    {"context_management", &kAnyObjectOrNull},
    {"mcp_servers", &kAnyList},
    {"output_config", &kOutputConfig},
    {"output_format", &kFormat},
    {"speed", &kSpeed},
    {"system", &kTextOrBlocks},
    {"thinking", &kThinking},
    {"tool_choice", &kToolChoice},
    {"tools", &kAnyList},
};
constexpr Shape kCountRequest = object(kCountFields);

}  // namespace

const Shape* request_shape(Endpoint endpoint) {
  if (endpoint == Endpoint::kMessages) return &kRequest;
  return endpoint == Endpoint::kCountTokens ? &kCountRequest : nullptr;
}

const Shape* tool_shape(std::string_view type) {
  const Variant* found = std::ranges::find(kTools, type, &Variant::tag);
  return found == std::end(kTools) ? nullptr : found->shape;
}

std::string_view tool_types() {
  static const std::string all = [] {
    std::string text;
    for (const Variant& tool : kTools) text += (text.empty() ? "'" : ", '") + std::string(tool.tag) + "'";
    return text;
  }();
  return all;
}

}  // namespace sluice::sim::anthropic
