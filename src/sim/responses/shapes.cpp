// check: allow file-sizes because it is one table
#include "sim/responses/shapes.h"

#include "sim/shape_words.h"

namespace sluice::sim {

namespace {

constexpr Shape kType = kText;
constexpr Shape kTexts = list(kText);
constexpr Shape kTextsOrNull = list(kText, 0, 1 << 20, Null::kAllowed);
constexpr Shape kItemId{.type = Type::kString, .min_size = 1, .max_size = 64};
constexpr Shape kItemIdOrNull{.type = Type::kString, .null = Null::kAllowed, .min_size = 1, .max_size = 64};
constexpr Shape kCallId = kItemId;
constexpr Shape kName{.type = Type::kString, .min_size = 1, .max_size = 64};
constexpr Shape kNameOrNull{.type = Type::kString, .null = Null::kAllowed, .min_size = 1, .max_size = 64};
constexpr Shape kLabel{.type = Type::kString, .min_size = 1};
constexpr Shape kWhole = integer(-kInfinity, kInfinity, Null::kRefused);
constexpr Field kTypeOnlyFields[] = {{"type", &kType, kRequired}};
constexpr Shape kTypeOnly = object(kTypeOnlyFields);

constexpr std::string_view kStatusNames[] = {"in_progress", "completed", "incomplete"};
constexpr Shape kStatus = one_of(kStatusNames);
constexpr Shape kStatusOrNull = one_of(kStatusNames, Null::kAllowed);

// Who made a call: the model itself, or a program of its.
constexpr Field kByProgramFields[] = {{"type", &kType, kRequired}, {"caller_id", &kText, kRequired}};
constexpr Shape kByProgram = object(kByProgramFields);
constexpr Variant kCallers[] = {{"direct", &kTypeOnly}, {"program", &kByProgram}};
constexpr Shape kCaller{.type = Type::kTagged, .null = Null::kAllowed, .tag = "type", .variants = kCallers};

// ---- parts ----

constexpr std::string_view kExplicitNames[] = {"explicit"};
constexpr Shape kExplicit = one_of(kExplicitNames);
constexpr std::string_view kTtlNames[] = {"30m", "12h"};
constexpr Shape kTtl = one_of(kTtlNames);
constexpr Field kBreakpointFields[] = {{"mode", &kExplicit, kRequired}, {"ttl", &kTtl}};
constexpr Shape kBreakpoint = object(kBreakpointFields);
constexpr Shape kBreakpointOrNull = object(kBreakpointFields, Null::kAllowed);

constexpr std::string_view kDetailNames[] = {"low", "high", "auto", "original"};
constexpr Shape kDetail = one_of(kDetailNames);
constexpr Shape kDetailOrNull = one_of(kDetailNames, Null::kAllowed);
constexpr std::string_view kFileDetailNames[] = {"auto", "low", "high"};
constexpr Shape kFileDetail = one_of(kFileDetailNames);
constexpr Shape kUrlOrNull{.type = Type::kString, .null = Null::kAllowed, .expected = "a URL"};

constexpr Field kTextPartFields[] = {
    {"type", &kType, kRequired}, {"text", &kText, kRequired}, {"prompt_cache_breakpoint", &kBreakpoint}};
constexpr Shape kTextPart = object(kTextPartFields);
constexpr Field kImagePartFields[] = {
    {"type", &kType, kRequired},
    {"detail", &kDetail},
    {"file_id", &kTextOrNull},
    {"image_url", &kUrlOrNull},
    {"prompt_cache_breakpoint", &kBreakpoint},
};
constexpr Shape kImagePart = object(kImagePartFields);
constexpr Field kFilePartFields[] = {
    {"type", &kType, kRequired},
    {"detail", &kFileDetail},
    {"file_data", &kText},
    {"file_id", &kTextOrNull},
    {"file_url", &kText},
    {"filename", &kText},
    {"prompt_cache_breakpoint", &kBreakpoint},
};
constexpr Shape kFilePart = object(kFilePartFields);
constexpr std::string_view kSoundNames[] = {"wav", "mp3"};
constexpr Shape kSoundFormat = one_of(kSoundNames);
constexpr Field kSoundFields[] = {{"data", &kText, kRequired}, {"format", &kSoundFormat, kRequired}};
constexpr Shape kSound = object(kSoundFields);
constexpr Field kAudioPartFields[] = {{"type", &kType, kRequired}, {"input_audio", &kSound, kRequired}};
constexpr Shape kAudioPart = object(kAudioPartFields);

// The same in what a tool gave: nulls are allowed there.
constexpr Field kOutTextFields[] = {
    {"type", &kType, kRequired}, {"text", &kText, kRequired}, {"prompt_cache_breakpoint", &kBreakpointOrNull}};
constexpr Shape kOutText = object(kOutTextFields);
constexpr Field kOutImageFields[] = {
    {"type", &kType, kRequired},
    {"detail", &kDetailOrNull},
    {"file_id", &kTextOrNull},
    {"image_url", &kUrlOrNull},
    {"prompt_cache_breakpoint", &kBreakpointOrNull},
};
constexpr Shape kOutImage = object(kOutImageFields);
constexpr Field kOutFileFields[] = {
    {"type", &kType, kRequired},
    {"detail", &kFileDetail},
    {"file_data", &kTextOrNull},
    {"file_id", &kTextOrNull},
    {"file_url", &kTextOrNull},
    {"filename", &kTextOrNull},
    {"prompt_cache_breakpoint", &kBreakpointOrNull},
};
constexpr Shape kOutFile = object(kOutFileFields);

// What the model said.
constexpr Field kFileCitationFields[] = {
    {"type", &kType, kRequired},
    {"file_id", &kText, kRequired},
    {"filename", &kText, kRequired},
    {"index", &kWhole, kRequired},
};
constexpr Shape kFileCitation = object(kFileCitationFields);
constexpr Field kUrlCitationFields[] = {
    {"type", &kType, kRequired},  {"end_index", &kWhole, kRequired}, {"start_index", &kWhole, kRequired},
    {"title", &kText, kRequired}, {"url", &kText, kRequired},
};
constexpr Shape kUrlCitation = object(kUrlCitationFields);
constexpr Field kContainerCitationFields[] = {
    {"type", &kType, kRequired},    {"container_id", &kText, kRequired}, {"end_index", &kWhole, kRequired},
    {"file_id", &kText, kRequired}, {"filename", &kText, kRequired},     {"start_index", &kWhole, kRequired},
};
constexpr Shape kContainerCitation = object(kContainerCitationFields);
constexpr Field kFilePathFields[] = {
    {"type", &kType, kRequired}, {"file_id", &kText, kRequired}, {"index", &kWhole, kRequired}};
constexpr Shape kFilePath = object(kFilePathFields);
constexpr Variant kAnnotationVariants[] = {
    {"file_citation", &kFileCitation},
    {"url_citation", &kUrlCitation},
    {"container_file_citation", &kContainerCitation},
    {"file_path", &kFilePath},
};
constexpr Shape kAnnotation = by_tag("type", kAnnotationVariants, "an object");
constexpr Shape kAnnotations = list(kAnnotation);
constexpr Shape kBytes = list(kWhole, 0, 1 << 20, Null::kAllowed);
constexpr Field kTopFields[] = {{"token", &kText, kRequired}, {"logprob", &kAnyNumber, kRequired}, {"bytes", &kBytes}};
constexpr Shape kTop = object(kTopFields);
constexpr Shape kTops = list(kTop);
constexpr Field kLogprobFields[] = {
    {"token", &kText, kRequired}, {"logprob", &kAnyNumber, kRequired}, {"bytes", &kBytes}, {"top_logprobs", &kTops}};
constexpr Shape kLogprob = object(kLogprobFields);
constexpr Shape kLogprobs = list(kLogprob, 0, 1 << 20, Null::kAllowed);
constexpr Field kSaidFields[] = {
    {"type", &kType, kRequired}, {"text", &kText, kRequired}, {"annotations", &kAnnotations}, {"logprobs", &kLogprobs}};
constexpr Shape kSaid = object(kSaidFields);
constexpr Field kRefusalFields[] = {{"type", &kType, kRequired}, {"refusal", &kText, kRequired}};
constexpr Shape kRefusal = object(kRefusalFields);

constexpr Variant kInputParts[] = {
    {"input_text", &kTextPart}, {"input_image", &kImagePart}, {"input_file", &kFilePart}, {"input_audio", &kAudioPart}};
constexpr Variant kOutputParts[] = {{"output_text", &kSaid}, {"refusal", &kRefusal}};
constexpr Variant kResultParts[] = {{"input_text", &kOutText}, {"input_image", &kOutImage}, {"input_file", &kOutFile}};
constexpr Shape kInputPart = by_tag("type", kInputParts, "an object");
constexpr Shape kOutputPart = by_tag("type", kOutputParts, "an object");
constexpr Shape kResultPart = by_tag("type", kResultParts, "an object");
constexpr Shape kInputPartList = list(kInputPart);
constexpr Shape kOutputPartList = list(kOutputPart);
constexpr Shape kResultPartList = list(kResultPart);
constexpr std::string_view kContentExpected = "one of an array of objects or string";
constexpr const Shape* kInputContentChoices[] = {&kText, &kInputPartList};
constexpr const Shape* kOutputContentChoices[] = {&kText, &kOutputPartList};
constexpr const Shape* kResultChoices[] = {&kText, &kResultPartList};
constexpr Shape kInputContent = any_of(kInputContentChoices, kContentExpected);
constexpr Shape kOutputContent = any_of(kOutputContentChoices, kContentExpected);
constexpr Shape kResult = any_of(kResultChoices, kContentExpected);

// ---- messages ----

constexpr std::string_view kPhaseNames[] = {"commentary", "final_answer"};
constexpr Shape kPhase = one_of(kPhaseNames, Null::kAllowed);
constexpr Field kTurnFields[] = {
    {"role", &kText, kRequired},
    {"content", &kInputContent, kRequired},
    {"type", &kText},
    {"id", &kItemId},
    {"status", &kStatus},
    {"phase", &kPhase},
};
constexpr Shape kTurn = object(kTurnFields);
constexpr Field kAnswerFields[] = {
    {"role", &kText, kRequired},
    {"content", &kOutputContent, kRequired},
    {"type", &kText},
    {"id", &kItemId},
    {"status", &kStatus},
    {"phase", &kPhase},
};
constexpr Shape kAnswer = object(kAnswerFields);
constexpr Variant kRoles[] = {{"assistant", &kAnswer}, {"system", &kTurn}, {"developer", &kTurn}, {"user", &kTurn}};

constexpr Field kReferenceFields[] = {{"id", &kItemId, kRequired}, {"type", &kTextOrNull}};
constexpr Shape kReference = object(kReferenceFields);

// ---- calls and what they gave ----

constexpr Field kFunctionCallFields[] = {
    {"type", &kType, kRequired},
    {"arguments", &kText, kRequired},
    {"call_id", &kCallId, kRequired},
    {"name", &kName, kRequired},
    {"id", &kItemId},
    {"async", &kBool},
    {"caller", &kCaller},
    {"namespace", &kName},
    {"status", &kStatus},
};
constexpr Shape kFunctionCall = object(kFunctionCallFields);
constexpr Field kFunctionOutputFields[] = {
    {"type", &kType, kRequired}, {"output", &kResult, kRequired},
    {"call_id", &kItemIdOrNull}, {"id", &kItemIdOrNull},
    {"caller", &kCaller},        {"name", &kNameOrNull},
    {"namespace", &kNameOrNull}, {"status", &kStatusOrNull},
};
constexpr Shape kFunctionOutput = object(kFunctionOutputFields);
constexpr Field kCustomCallFields[] = {
    {"type", &kType, kRequired},
    {"call_id", &kCallId, kRequired},
    {"input", &kText, kRequired},
    {"name", &kName, kRequired},
    {"id", &kItemId},
    {"async", &kBool},
    {"caller", &kCaller},
    {"namespace", &kName},
    {"status", &kStatus},
};
constexpr Shape kCustomCall = object(kCustomCallFields);
constexpr Field kCustomOutputFields[] = {
    {"type", &kType, kRequired},
    {"call_id", &kCallId, kRequired},
    {"output", &kResult, kRequired},
    {"id", &kItemId},
    {"caller", &kCaller},
    {"status", &kStatus},
};
constexpr Shape kCustomOutput = object(kCustomOutputFields);

// ---- reasoning ----

constexpr Field kPartTextFields[] = {{"type", &kType, kRequired}, {"text", &kText, kRequired}};
constexpr Shape kPartText = object(kPartTextFields);
constexpr Variant kSummaryVariants[] = {{"summary_text", &kPartText}};
constexpr Shape kSummaryPart = by_tag("type", kSummaryVariants, "an object");
constexpr Shape kSummary = list(kSummaryPart);
constexpr Variant kThoughtVariants[] = {{"reasoning_text", &kPartText}};
constexpr Shape kThoughtPart = by_tag("type", kThoughtVariants, "an object");
constexpr Shape kThoughts = list(kThoughtPart, 0, 1 << 20, Null::kAllowed);
constexpr Field kReasoningItemFields[] = {
    {"type", &kType, kRequired}, {"summary", &kSummary, kRequired},   {"id", &kItemId},
    {"content", &kThoughts},     {"encrypted_content", &kTextOrNull}, {"status", &kStatus},
};
constexpr Shape kReasoningItem = object(kReasoningItemFields);

// ---- what hosted tools did ----

constexpr Shape kAttributes = map(kAnything, 16, Null::kAllowed);
constexpr Field kFoundFields[] = {
    {"attributes", &kAttributes}, {"file_id", &kText}, {"filename", &kText}, {"score", &kAnyNumber}, {"text", &kText}};
constexpr Shape kFound = object(kFoundFields);
constexpr Shape kFinds = list(kFound, 0, 1 << 20, Null::kAllowed);
constexpr std::string_view kSearchStatusNames[] = {"in_progress", "searching", "completed", "incomplete", "failed"};
constexpr Shape kSearchStatus = one_of(kSearchStatusNames);
constexpr Field kFileSearchFields[] = {
    {"type", &kType, kRequired},           {"id", &kItemId, kRequired}, {"queries", &kTexts, kRequired},
    {"status", &kSearchStatus, kRequired}, {"results", &kFinds},
};
constexpr Shape kFileSearch = object(kFileSearchFields);

constexpr std::string_view kUrlNames[] = {"url"};
constexpr Shape kUrlType = one_of(kUrlNames);
constexpr Field kSourceFields[] = {{"type", &kUrlType, kRequired}, {"url", &kText, kRequired}};
constexpr Shape kSource = object(kSourceFields);
constexpr Shape kSources = list(kSource);
constexpr Field kSearchActionFields[] = {
    {"type", &kType, kRequired}, {"queries", &kTexts}, {"query", &kText}, {"sources", &kSources}};
constexpr Shape kSearchAction = object(kSearchActionFields);
constexpr Field kOpenPageFields[] = {{"type", &kType, kRequired}, {"url", &kTextOrNull}};
constexpr Shape kOpenPage = object(kOpenPageFields);
constexpr Field kFindFields[] = {
    {"type", &kType, kRequired}, {"pattern", &kText, kRequired}, {"url", &kText, kRequired}};
constexpr Shape kFind = object(kFindFields);
constexpr Variant kWebActions[] = {{"search", &kSearchAction}, {"open_page", &kOpenPage}, {"find_in_page", &kFind}};
constexpr Shape kWebAction = by_tag("type", kWebActions, "an object");
constexpr Field kWebSearchFields[] = {
    {"type", &kType, kRequired},
    {"id", &kItemId, kRequired},
    {"action", &kWebAction, kRequired},
    {"status", &kSearchStatus, kRequired},
};
constexpr Shape kWebSearch = object(kWebSearchFields);

constexpr std::string_view kButtonNames[] = {"left", "right", "wheel", "back", "forward"};
constexpr Shape kButton = one_of(kButtonNames);
constexpr Field kClickFields[] = {
    {"type", &kType, kRequired}, {"button", &kButton, kRequired}, {"x", &kWhole, kRequired},
    {"y", &kWhole, kRequired},   {"keys", &kTextsOrNull},
};
constexpr Shape kClick = object(kClickFields);
constexpr Field kDoubleClickFields[] = {
    {"type", &kType, kRequired},
    {"keys", &kTextsOrNull, kRequired},
    {"x", &kWhole, kRequired},
    {"y", &kWhole, kRequired},
};
constexpr Shape kDoubleClick = object(kDoubleClickFields);
constexpr Field kPointFields[] = {{"x", &kWhole, kRequired}, {"y", &kWhole, kRequired}};
constexpr Shape kPoint = object(kPointFields);
constexpr Shape kPath = list(kPoint);
constexpr Field kDragFields[] = {{"type", &kType, kRequired}, {"path", &kPath, kRequired}, {"keys", &kTextsOrNull}};
constexpr Shape kDrag = object(kDragFields);
constexpr Field kKeypressFields[] = {{"type", &kType, kRequired}, {"keys", &kTexts, kRequired}};
constexpr Shape kKeypress = object(kKeypressFields);
constexpr Field kMoveFields[] = {
    {"type", &kType, kRequired}, {"x", &kWhole, kRequired}, {"y", &kWhole, kRequired}, {"keys", &kTextsOrNull}};
constexpr Shape kMove = object(kMoveFields);
constexpr Field kScrollFields[] = {
    {"type", &kType, kRequired}, {"scroll_x", &kWhole, kRequired}, {"scroll_y", &kWhole, kRequired},
    {"x", &kWhole, kRequired},   {"y", &kWhole, kRequired},        {"keys", &kTextsOrNull},
};
constexpr Shape kScroll = object(kScrollFields);
constexpr Variant kActionVariants[] = {
    {"click", &kClick},   {"double_click", &kDoubleClick}, {"drag", &kDrag},     {"keypress", &kKeypress},
    {"move", &kMove},     {"screenshot", &kTypeOnly},      {"scroll", &kScroll}, {"type", &kPartText},
    {"wait", &kTypeOnly},
};
constexpr Shape kAction = by_tag("type", kActionVariants, "an object");
constexpr Shape kActions = list(kAction);
constexpr Field kSafetyFields[] = {{"id", &kText, kRequired}, {"code", &kTextOrNull}, {"message", &kTextOrNull}};
constexpr Shape kSafety = object(kSafetyFields);
constexpr Shape kSafeties = list(kSafety);
constexpr Shape kSafetiesOrNull = list(kSafety, 0, 1 << 20, Null::kAllowed);
constexpr Field kComputerCallFields[] = {
    {"type", &kType, kRequired},      {"id", &kItemId, kRequired},
    {"call_id", &kCallId, kRequired}, {"pending_safety_checks", &kSafeties, kRequired},
    {"status", &kStatus, kRequired},  {"action", &kAction},
    {"actions", &kActions},
};
constexpr Shape kComputerCall = object(kComputerCallFields);
constexpr std::string_view kScreenshotNames[] = {"computer_screenshot"};
constexpr Shape kScreenshotType = one_of(kScreenshotNames);
constexpr Field kScreenshotFields[] = {
    {"type", &kScreenshotType, kRequired}, {"file_id", &kText}, {"image_url", &kText}};
constexpr Shape kScreenshot = object(kScreenshotFields);
constexpr Field kComputerOutputFields[] = {
    {"type", &kType, kRequired},
    {"call_id", &kCallId, kRequired},
    {"output", &kScreenshot, kRequired},
    {"id", &kItemIdOrNull},
    {"acknowledged_safety_checks", &kSafetiesOrNull},
    {"status", &kStatusOrNull},
};
constexpr Shape kComputerOutput = object(kComputerOutputFields);

constexpr std::string_view kSideNames[] = {"server", "client"};
constexpr Shape kSide = one_of(kSideNames);
constexpr Field kToolSearchCallFields[] = {
    {"type", &kType, kRequired}, {"arguments", &kAnything, kRequired},
    {"id", &kItemIdOrNull},      {"call_id", &kItemIdOrNull},
    {"execution", &kSide},       {"status", &kStatusOrNull},
};
constexpr Shape kToolSearchCall = object(kToolSearchCallFields);
constexpr Field kToolSearchOutputFields[] = {
    {"type", &kType, kRequired}, {"tools", &kResponsesTools, kRequired},
    {"id", &kItemIdOrNull},      {"call_id", &kItemIdOrNull},
    {"execution", &kSide},       {"status", &kStatusOrNull},
};
constexpr Shape kToolSearchOutput = object(kToolSearchOutputFields);

constexpr Field kModerationDetailFields[] = {{"categories", &kTexts, kRequired},
                                             {"moderation_stage", &kText, kRequired}};
constexpr Shape kModerationDetail = object(kModerationDetailFields);
constexpr Field kImageErrorFields[] = {
    {"code", &kTextOrNull, kRequired},          {"message", &kText, kRequired},
    {"param", &kTextOrNull, kRequired},         {"type", &kText, kRequired},
    {"moderation_details", &kModerationDetail},
};
constexpr Shape kImageError = object(kImageErrorFields);
constexpr std::string_view kImageStatusNames[] = {"in_progress", "completed", "generating", "failed"};
constexpr Shape kImageStatus = one_of(kImageStatusNames);
constexpr Field kImageCallFields[] = {
    {"type", &kType, kRequired},
    {"id", &kItemId, kRequired},
    {"result", &kTextOrNull, kRequired},
    {"status", &kImageStatus, kRequired},
    {"action", &kTextOrNull},
    {"background", &kTextOrNull},
    {"error", &kImageError},
    {"output_format", &kTextOrNull},
    {"quality", &kTextOrNull},
    {"revised_prompt", &kTextOrNull},
    {"size", &kTextOrNull},
    {"svg_usage", &kAnyObject},
};
constexpr Shape kImageCall = object(kImageCallFields);

constexpr Field kLogsFields[] = {{"type", &kType, kRequired}, {"logs", &kText, kRequired}};
constexpr Shape kLogs = object(kLogsFields);
constexpr Field kPictureFields[] = {{"type", &kType, kRequired}, {"url", &kText, kRequired}};
constexpr Shape kPicture = object(kPictureFields);
constexpr Variant kRunOutputs[] = {{"logs", &kLogs}, {"image", &kPicture}};
constexpr Shape kRunOutput = by_tag("type", kRunOutputs, "an object");
constexpr Shape kRunOutputList = list(kRunOutput, 0, 1 << 20, Null::kAllowed);
constexpr std::string_view kRunStatusNames[] = {"in_progress", "completed", "incomplete", "interpreting", "failed"};
constexpr Shape kRunStatus = one_of(kRunStatusNames);
constexpr Field kInterpreterFields[] = {
    {"type", &kType, kRequired},
    {"id", &kItemId, kRequired},
    {"code", &kTextOrNull, kRequired},
    {"container_id", &kText, kRequired},
    {"outputs", &kRunOutputList, kRequired},
    {"status", &kRunStatus, kRequired},
};
constexpr Shape kInterpreter = object(kInterpreterFields);

// ---- shells and patches ----

constexpr Shape kTextMap = map(kText);
constexpr std::string_view kExecNames[] = {"exec"};
constexpr Shape kExec = one_of(kExecNames);
constexpr Field kLocalActionFields[] = {
    {"type", &kExec, kRequired},   {"command", &kTexts, kRequired}, {"env", &kTextMap, kRequired},
    {"timeout_ms", &kWholeNumber}, {"user", &kTextOrNull},          {"working_directory", &kTextOrNull},
};
constexpr Shape kLocalAction = object(kLocalActionFields);
constexpr Field kLocalShellFields[] = {
    {"type", &kType, kRequired},      {"id", &kItemId, kRequired},     {"action", &kLocalAction, kRequired},
    {"call_id", &kCallId, kRequired}, {"status", &kStatus, kRequired},
};
constexpr Shape kLocalShell = object(kLocalShellFields);
constexpr Field kLocalShellOutputFields[] = {{"type", &kType, kRequired},
                                             {"id", &kItemId, kRequired},
                                             {"output", &kText, kRequired},
                                             {"status", &kStatusOrNull}};
constexpr Shape kLocalShellOutput = object(kLocalShellOutputFields);

constexpr Field kShellActionFields[] = {
    {"commands", &kTexts, kRequired}, {"max_output_length", &kWholeNumber}, {"timeout_ms", &kWholeNumber}};
constexpr Shape kShellAction = object(kShellActionFields);
constexpr Shape kObjects = list(kAnyObject);
constexpr Field kLocalPlaceFields[] = {{"type", &kType, kRequired}, {"skills", &kObjects}};
constexpr Shape kLocalPlace = object(kLocalPlaceFields);
constexpr Field kContainerPlaceFields[] = {{"type", &kType, kRequired}, {"container_id", &kText, kRequired}};
constexpr Shape kContainerPlace = object(kContainerPlaceFields);
constexpr Variant kShellPlaces[] = {{"local", &kLocalPlace}, {"container_reference", &kContainerPlace}};
constexpr Shape kShellPlace{.type = Type::kTagged, .null = Null::kAllowed, .tag = "type", .variants = kShellPlaces};
constexpr Field kShellCallFields[] = {
    {"type", &kType, kRequired},
    {"action", &kShellAction, kRequired},
    {"call_id", &kCallId, kRequired},
    {"id", &kItemIdOrNull},
    {"caller", &kCaller},
    {"environment", &kShellPlace},
    {"status", &kStatusOrNull},
};
constexpr Shape kShellCall = object(kShellCallFields);
constexpr Field kExitFields[] = {{"type", &kType, kRequired}, {"exit_code", &kWhole, kRequired}};
constexpr Shape kExit = object(kExitFields);
constexpr Variant kOutcomes[] = {{"timeout", &kTypeOnly}, {"exit", &kExit}};
constexpr Shape kOutcome = by_tag("type", kOutcomes, "an object");
constexpr Field kShellSaidFields[] = {
    {"outcome", &kOutcome, kRequired}, {"stderr", &kText, kRequired}, {"stdout", &kText, kRequired}};
constexpr Shape kShellSaid = object(kShellSaidFields);
constexpr Shape kShellSaidList = list(kShellSaid);
constexpr Field kShellOutputFields[] = {
    {"type", &kType, kRequired},
    {"call_id", &kCallId, kRequired},
    {"output", &kShellSaidList, kRequired},
    {"id", &kItemIdOrNull},
    {"caller", &kCaller},
    {"max_output_length", &kWholeNumber},
    {"status", &kStatusOrNull},
};
constexpr Shape kShellOutput = object(kShellOutputFields);

constexpr Field kDiffFields[] = {{"type", &kType, kRequired}, {"diff", &kText, kRequired}, {"path", &kText, kRequired}};
constexpr Shape kDiff = object(kDiffFields);
constexpr Field kDeleteFields[] = {{"type", &kType, kRequired}, {"path", &kText, kRequired}};
constexpr Shape kDelete = object(kDeleteFields);
constexpr Variant kOperations[] = {{"create_file", &kDiff}, {"delete_file", &kDelete}, {"update_file", &kDiff}};
constexpr Shape kOperation = by_tag("type", kOperations, "an object");
constexpr std::string_view kPatchStatusNames[] = {"in_progress", "completed"};
constexpr Shape kPatchStatus = one_of(kPatchStatusNames);
constexpr std::string_view kPatchedNames[] = {"completed", "failed"};
constexpr Shape kPatched = one_of(kPatchedNames);
constexpr Field kPatchCallFields[] = {
    {"type", &kType, kRequired},          {"call_id", &kCallId, kRequired}, {"operation", &kOperation, kRequired},
    {"status", &kPatchStatus, kRequired}, {"id", &kItemIdOrNull},           {"caller", &kCaller},
};
constexpr Shape kPatchCall = object(kPatchCallFields);
constexpr Field kPatchOutputFields[] = {
    {"type", &kType, kRequired},
    {"call_id", &kCallId, kRequired},
    {"status", &kPatched, kRequired},
    {"id", &kItemIdOrNull},
    {"caller", &kCaller},
    {"output", &kTextOrNull},
};
constexpr Shape kPatchOutput = object(kPatchOutputFields);

// ---- other servers' tools ----

constexpr Field kMcpToolFields[] = {
    {"input_schema", &kAnything, kRequired},
    {"name", &kText, kRequired},
    {"annotations", &kAnything},
    {"description", &kTextOrNull},
};
constexpr Shape kMcpTool = object(kMcpToolFields);
constexpr Shape kMcpToolList = list(kMcpTool);
constexpr Field kMcpListFields[] = {
    {"type", &kType, kRequired},         {"id", &kItemId, kRequired}, {"server_label", &kText, kRequired},
    {"tools", &kMcpToolList, kRequired}, {"error", &kTextOrNull},
};
constexpr Shape kMcpList = object(kMcpListFields);
constexpr Field kMcpRequestFields[] = {
    {"type", &kType, kRequired}, {"id", &kItemId, kRequired},         {"arguments", &kText, kRequired},
    {"name", &kText, kRequired}, {"server_label", &kText, kRequired},
};
constexpr Shape kMcpRequest = object(kMcpRequestFields);
constexpr Field kMcpResponseFields[] = {
    {"type", &kType, kRequired},    {"approval_request_id", &kItemId, kRequired},
    {"approve", &kBool, kRequired}, {"id", &kItemIdOrNull},
    {"reason", &kTextOrNull},
};
constexpr Shape kMcpResponse = object(kMcpResponseFields);
constexpr Field kCodedErrorFields[] = {
    {"type", &kType, kRequired}, {"code", &kWhole, kRequired}, {"message", &kText, kRequired}};
constexpr Shape kCodedError = object(kCodedErrorFields);
constexpr Field kContentErrorFields[] = {{"type", &kType, kRequired}, {"content", &kAnything, kRequired}};
constexpr Shape kContentError = object(kContentErrorFields);
constexpr Variant kMcpErrors[] = {
    {"mcp_protocol_error", &kCodedError}, {"mcp_tool_execution_error", &kContentError}, {"http_error", &kCodedError}};
constexpr Shape kMcpError{.type = Type::kTagged, .null = Null::kAllowed, .tag = "type", .variants = kMcpErrors};
constexpr std::string_view kMcpStatusNames[] = {"in_progress", "completed", "incomplete", "calling", "failed"};
constexpr Shape kMcpStatus = one_of(kMcpStatusNames);
constexpr Field kMcpCallFields[] = {
    {"type", &kType, kRequired},
    {"id", &kItemId, kRequired},
    {"arguments", &kText, kRequired},
    {"name", &kText, kRequired},
    {"server_label", &kText, kRequired},
    {"approval_request_id", &kTextOrNull},
    {"error", &kMcpError},
    {"output", &kTextOrNull},
    {"status", &kMcpStatus},
};
constexpr Shape kMcpCall = object(kMcpCallFields);

// ---- the rest of the items ----

constexpr std::string_view kDeveloperNames[] = {"developer"};
constexpr Shape kDeveloper = one_of(kDeveloperNames);
constexpr Field kMoreToolsFields[] = {
    {"type", &kType, kRequired},
    {"role", &kDeveloper, kRequired},
    {"tools", &kResponsesTools, kRequired},
    {"id", &kItemIdOrNull},
};
constexpr Shape kMoreTools = object(kMoreToolsFields);
constexpr std::string_view kEffortNames[] = {"none", "minimal", "low", "medium", "high", "xhigh", "max"};
constexpr Shape kEffort = one_of(kEffortNames, Null::kAllowed);
constexpr Field kEffortOnlyFields[] = {{"effort", &kEffort}};
constexpr Shape kEffortOnly = object(kEffortOnlyFields);
constexpr Field kSchemaFormatFields[] = {
    {"type", &kType, kRequired}, {"name", &kName, kRequired}, {"schema", &kAnyObject, kRequired},
    {"description", &kText},     {"strict", &kBoolOrNull},
};
constexpr Shape kSchemaFormat = object(kSchemaFormatFields);
constexpr Variant kNewFormats[] = {{"text", &kTypeOnly}, {"json_schema", &kSchemaFormat}};
constexpr Shape kNewFormat = by_tag("type", kNewFormats, "an object");
constexpr Field kNewTextFields[] = {{"format", &kNewFormat, kRequired}};
constexpr Shape kNewText = object(kNewTextFields);
constexpr Field kConfigurationFields[] = {
    {"type", &kType, kRequired}, {"id", &kItemIdOrNull}, {"reasoning", &kEffortOnly}, {"text", &kNewText}};
constexpr Shape kConfiguration = object(kConfigurationFields);
constexpr Field kCompactionFields[] = {
    {"type", &kType, kRequired}, {"encrypted_content", &kText, kRequired}, {"id", &kItemIdOrNull}};
constexpr Shape kCompaction = object(kCompactionFields);
constexpr Field kTriggerFields[] = {{"type", &kType, kRequired}, {"id", &kItemIdOrNull}};
constexpr Shape kTrigger = object(kTriggerFields);
constexpr Field kProgramFields[] = {
    {"type", &kType, kRequired}, {"id", &kItemId, kRequired},        {"call_id", &kCallId, kRequired},
    {"code", &kText, kRequired}, {"fingerprint", &kText, kRequired},
};
constexpr Shape kProgram = object(kProgramFields);
constexpr std::string_view kEndedNames[] = {"completed", "incomplete"};
constexpr Shape kEnded = one_of(kEndedNames);
constexpr Field kProgramOutputFields[] = {
    {"type", &kType, kRequired},   {"id", &kItemId, kRequired},    {"call_id", &kCallId, kRequired},
    {"result", &kText, kRequired}, {"status", &kEnded, kRequired},
};
constexpr Shape kProgramOutput = object(kProgramOutputFields);

constexpr Variant kItems[] = {
    {"item_reference", &kReference},
    {"function_call", &kFunctionCall},
    {"function_call_output", &kFunctionOutput},
    {"custom_tool_call", &kCustomCall},
    {"custom_tool_call_output", &kCustomOutput},
    {"reasoning", &kReasoningItem},
    {"file_search_call", &kFileSearch},
    {"web_search_call", &kWebSearch},
    {"computer_call", &kComputerCall},
    {"computer_call_output", &kComputerOutput},
    {"tool_search_call", &kToolSearchCall},
    {"tool_search_output", &kToolSearchOutput},
    {"additional_tools", &kMoreTools},
    {"configuration_update", &kConfiguration},
    {"compaction", &kCompaction},
    {"compaction_trigger", &kTrigger},
    {"image_generation_call", &kImageCall},
    {"code_interpreter_call", &kInterpreter},
    {"local_shell_call", &kLocalShell},
    {"local_shell_call_output", &kLocalShellOutput},
    {"shell_call", &kShellCall},
    {"shell_call_output", &kShellOutput},
    {"apply_patch_call", &kPatchCall},
    {"apply_patch_call_output", &kPatchOutput},
    {"mcp_list_tools", &kMcpList},
    {"mcp_approval_request", &kMcpRequest},
    {"mcp_approval_response", &kMcpResponse},
    {"mcp_call", &kMcpCall},
    {"program", &kProgram},
    {"program_output", &kProgramOutput},
};

// ---- the request ----

constexpr Shape kItemList = list(kAnyObject);
constexpr const Shape* kInputChoices[] = {&kText, &kItemList};
constexpr Shape kInput = any_of(kInputChoices, "one of a string or array of input items");

constexpr std::string_view kIncludeNames[] = {
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
};
constexpr Shape kInclude = one_of(kIncludeNames);
constexpr Shape kIncludes = list(kInclude, 0, 1 << 20, Null::kAllowed);

constexpr std::string_view kCyberNames[] = {"standard", "daybreak_blue", "daybreak_red"};
constexpr Shape kCyber = one_of(kCyberNames);
constexpr Field kProgramsFields[] = {{"cyber", &kCyber}};
constexpr Shape kPrograms = object(kProgramsFields);
constexpr std::string_view kCompactionNames[] = {"compaction"};
constexpr Shape kCompactionType = one_of(kCompactionNames);
constexpr Shape kThreshold = integer(1000, kInfinity);
constexpr Field kManagedFields[] = {{"type", &kCompactionType, kRequired}, {"compact_threshold", &kThreshold}};
constexpr Shape kManaged = object(kManagedFields);
constexpr Shape kManagement = list(kManaged, 0, 1 << 20, Null::kAllowed);
constexpr Field kConversationFields[] = {{"id", &kText, kRequired}};
constexpr Shape kConversationObject = object(kConversationFields);
constexpr const Shape* kConversationChoices[] = {&kText, &kConversationObject};
constexpr Shape kConversation = any_of(kConversationChoices, "one of a string or object", Null::kAllowed);
constexpr std::string_view kCompressionNames[] = {"auto", "enabled", "disabled"};
constexpr Shape kCompression = one_of(kCompressionNames);
constexpr Field kImageFields[] = {{"context_compression", &kCompression}};
constexpr Shape kImage = object(kImageFields);
constexpr Shape kMetadataValue{.type = Type::kString, .max_size = 512};
constexpr Shape kMetadata = map(kMetadataValue, 16, Null::kAllowed);
constexpr std::string_view kModeNames[] = {"score", "block"};
constexpr Shape kMode = one_of(kModeNames);
constexpr Field kSideFields[] = {{"mode", &kMode, kRequired}};
constexpr Shape kModerationSide = object(kSideFields, Null::kAllowed);
constexpr Field kPolicyFields[] = {{"input", &kModerationSide}, {"output", &kModerationSide}};
constexpr Shape kPolicy = object(kPolicyFields, Null::kAllowed);
constexpr Field kModerationFields[] = {{"model", &kText, kRequired}, {"policy", &kPolicy}};
constexpr Shape kModeration = object(kModerationFields, Null::kAllowed);

constexpr const Shape* kVariableChoices[] = {&kText, &kInputPart};
constexpr Shape kVariable = any_of(kVariableChoices, "one of a string or object");
constexpr Shape kVariables = map(kVariable, 1 << 20, Null::kAllowed);
constexpr Field kPromptFields[] = {{"id", &kLabel, kRequired}, {"variables", &kVariables}, {"version", &kTextOrNull}};
constexpr Shape kPrompt = object(kPromptFields, Null::kAllowed);
constexpr std::string_view kCacheModeNames[] = {"implicit", "explicit"};
constexpr Shape kCacheMode = one_of(kCacheModeNames);
constexpr Field kCacheFields[] = {
    {"comparison_response_id", &kTextOrNull}, {"mode", &kCacheMode}, {"prewarm", &kBool}, {"ttl", &kTtl}};
constexpr Shape kCache = object(kCacheFields);
constexpr std::string_view kRetentionNames[] = {"in_memory", "24h"};
constexpr Shape kRetention = one_of(kRetentionNames, Null::kAllowed);
constexpr Shape kKey{.type = Type::kString, .null = Null::kAllowed, .max_size = 64};

constexpr std::string_view kContextNames[] = {"auto", "current_turn", "all_turns"};
constexpr Shape kContext = one_of(kContextNames, Null::kAllowed);
constexpr std::string_view kSummaryNames[] = {"auto", "concise", "detailed"};
constexpr Shape kSummaryWord = one_of(kSummaryNames, Null::kAllowed);
constexpr Field kReasoningFields[] = {
    {"context", &kContext}, {"effort", &kEffort},       {"generate_summary", &kSummaryWord},
    {"mode", &kText},       {"summary", &kSummaryWord},
};
constexpr Shape kReasoning = object(kReasoningFields, Null::kAllowed);
constexpr std::string_view kTierNames[] = {"auto", "default", "flex", "scale", "priority", "fast", "ultrafast"};
constexpr Shape kTier = one_of(kTierNames, Null::kAllowed);
constexpr Field kStreamOptionFields[] = {{"include_obfuscation", &kBool}};
constexpr Shape kStreamOptions = object(kStreamOptionFields, Null::kAllowed);

constexpr Variant kFormats[] = {{"text", &kTypeOnly}, {"json_object", &kTypeOnly}, {"json_schema", &kSchemaFormat}};
constexpr Shape kFormat = by_tag("type", kFormats, "an object");
constexpr std::string_view kVerbosityNames[] = {"low", "medium", "high"};
constexpr Shape kVerbosity = one_of(kVerbosityNames, Null::kAllowed);
constexpr Field kTextConfigFields[] = {{"format", &kFormat}, {"verbosity", &kVerbosity}};
constexpr Shape kTextConfig = object(kTextConfigFields);

constexpr std::string_view kChoiceNames[] = {"none", "auto", "required"};
constexpr Shape kChoiceWord = one_of(kChoiceNames);
constexpr std::string_view kAllowedModeNames[] = {"auto", "required"};
constexpr Shape kAllowedMode = one_of(kAllowedModeNames);
constexpr Shape kAllowedTools = list(kAnyObject, 1);
constexpr Field kAllowedFields[] = {
    {"type", &kType, kRequired}, {"mode", &kAllowedMode, kRequired}, {"tools", &kAllowedTools, kRequired}};
constexpr Shape kAllowed = object(kAllowedFields);
constexpr Field kNamedFields[] = {{"type", &kType, kRequired}, {"name", &kName, kRequired}};
constexpr Shape kNamed = object(kNamedFields);
constexpr Field kMcpChoiceFields[] = {
    {"type", &kType, kRequired}, {"server_label", &kLabel, kRequired}, {"name", &kTextOrNull}};
constexpr Shape kMcpChoice = object(kMcpChoiceFields);
constexpr Variant kChoiceVariants[] = {
    {"function", &kNamed},
    {"custom", &kNamed},
    {"allowed_tools", &kAllowed},
    {"mcp", &kMcpChoice},
    {"file_search", &kTypeOnly},
    {"web_search", &kTypeOnly},
    {"web_search_preview", &kTypeOnly},
    {"web_search_preview_2025_03_11", &kTypeOnly},
    {"computer", &kTypeOnly},
    {"computer_use_preview", &kTypeOnly},
    {"computer_use", &kTypeOnly},
    {"image_generation", &kTypeOnly},
    {"code_interpreter", &kTypeOnly},
    {"programmatic_tool_calling", &kTypeOnly},
    {"apply_patch", &kTypeOnly},
    {"shell", &kTypeOnly},
};
constexpr Shape kChoiceObject = by_tag("type", kChoiceVariants, "an object");
constexpr const Shape* kChoiceChoices[] = {&kChoiceWord, &kChoiceObject};
constexpr Shape kToolChoice = any_of(kChoiceChoices, "one of a string or object");

constexpr Shape kOutputCap = integer(16, kInfinity);
constexpr Shape kCallCap = integer(1, kInfinity);
constexpr Shape kTemperature = number(0, 2);
constexpr Shape kUnit = number(0, 1);
constexpr Shape kTopLogprobs = integer(0, 20);
constexpr std::string_view kTruncationNames[] = {"auto", "disabled"};
constexpr Shape kTruncation = one_of(kTruncationNames, Null::kAllowed);

constexpr Field kRequestFields[] = {
    {"access_programs", &kPrograms},
    {"background", &kBoolOrNull},
    {"context_management", &kManagement},
    {"conversation", &kConversation},
    {"image", &kImage},
    {"include", &kIncludes},
    {"input", &kInput},
    {"instructions", &kTextOrNull},
    {"max_output_tokens", &kOutputCap},
    {"max_tool_calls", &kCallCap},
    {"metadata", &kMetadata},
    {"model", &kLabel},
    {"moderation", &kModeration},
    {"parallel_tool_calls", &kBoolOrNull},
    {"previous_response_id", &kTextOrNull},
    {"prompt", &kPrompt},
    {"prompt_cache_key", &kKey},
    {"prompt_cache_options", &kCache},
    {"prompt_cache_retention", &kRetention},
    {"reasoning", &kReasoning},
    {"safety_identifier", &kKey},
    {"service_tier", &kTier},
    {"store", &kBoolOrNull},
    {"stream", &kBoolOrNull},
    {"stream_options", &kStreamOptions},
    {"temperature", &kTemperature},
    {"text", &kTextConfig},
    {"tool_choice", &kToolChoice},
    {"tools", &kResponsesTools},
    {"top_logprobs", &kTopLogprobs},
    {"top_p", &kUnit},
    {"truncation", &kTruncation},
    {"user", &kText},
};

}  // namespace

constinit const Shape kResponsesRequest = object(kRequestFields);
constinit const std::span<const Variant> kResponsesItems = kItems;
constinit const Shape kResponsesMessage = by_tag("role", kRoles, "an object");
constinit const Shape kResponsesReference = object(kReferenceFields);

}  // namespace sluice::sim
