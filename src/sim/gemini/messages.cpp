// check: allow file-sizes because it is one table
#include "sim/gemini/messages.h"

namespace sluice::sim {

namespace {

extern const ProtoMessage kContent;
extern const ProtoMessage kPart;
extern const ProtoMessage kPartMediaResolution;
extern const ProtoMessage kToolCall;
extern const ProtoMessage kToolResponse;
extern const ProtoMessage kTranscription;
extern const ProtoMessage kWordInfo;
extern const ProtoMessage kCodeExecutionResult;
extern const ProtoMessage kExecutableCode;
extern const ProtoMessage kFileData;
extern const ProtoMessage kFunctionCall;
extern const ProtoMessage kPartialArg;
extern const ProtoMessage kFunctionResponse;
extern const ProtoMessage kFunctionResponsePart;
extern const ProtoMessage kFunctionResponseFileData;
extern const ProtoMessage kFunctionResponseBlob;
extern const ProtoMessage kBlob;
extern const ProtoMessage kVideoMetadata;
extern const ProtoMessage kSpeechMetadata;
extern const ProtoMessage kTool;
extern const ProtoMessage kRetrieval;
extern const ProtoMessage kExternalApi;
extern const ProtoMessage kApiAuth;
extern const ProtoMessage kApiAuthApiKeyConfig;
extern const ProtoMessage kAuthConfig;
extern const ProtoMessage kApiKeyConfig;
extern const ProtoMessage kAuthConfigGoogleServiceAccountConfig;
extern const ProtoMessage kAuthConfigHttpBasicAuthConfig;
extern const ProtoMessage kAuthConfigOauthConfig;
extern const ProtoMessage kAuthConfigOidcConfig;
extern const ProtoMessage kExternalApiElasticSearchParams;
extern const ProtoMessage kExternalApiSimpleSearchParams;
extern const ProtoMessage kVertexAISearch;
extern const ProtoMessage kVertexAISearchDataStoreSpec;
extern const ProtoMessage kVertexRagStore;
extern const ProtoMessage kVertexRagStoreRagResource;
extern const ProtoMessage kRagRetrievalConfig;
extern const ProtoMessage kRagRetrievalConfigFilter;
extern const ProtoMessage kRagRetrievalConfigHybridSearch;
extern const ProtoMessage kRagRetrievalConfigRanking;
extern const ProtoMessage kRagRetrievalConfigRankingLlmRanker;
extern const ProtoMessage kRagRetrievalConfigRankingRankService;
extern const ProtoMessage kGoogleMaps;
extern const ProtoMessage kGoogleMapsGroundingTypes;
extern const ProtoMessage kGoogleMapsPlaces;
extern const ProtoMessage kGoogleMapsRouting;
extern const ProtoMessage kMcpServer;
extern const ProtoMessage kStreamableHttpTransport;
extern const ProtoMessage kToolCodeExecution;
extern const ProtoMessage kComputerUse;
extern const ProtoMessage kEnterpriseWebSearch;
extern const ProtoMessage kToolExaAiSearch;
extern const ProtoMessage kFunctionDeclaration;
extern const ProtoMessage kSchema;
extern const ProtoMessage kGoogleSearch;
extern const ProtoMessage kSearchTypes;
extern const ProtoMessage kImageSearch;
extern const ProtoMessage kWebSearch;
extern const ProtoMessage kInterval;
extern const ProtoMessage kGoogleSearchRetrieval;
extern const ProtoMessage kDynamicRetrievalConfig;
extern const ProtoMessage kToolParallelAiSearch;
extern const ProtoMessage kUrlContext;
extern const ProtoMessage kFileSearch;
extern const ProtoMessage kToolConfig;
extern const ProtoMessage kFunctionCallingConfig;
extern const ProtoMessage kRetrievalConfig;
extern const ProtoMessage kLatLng;
extern const ProtoMessage kSafetySetting;
extern const ProtoMessage kGenerationConfig;
extern const ProtoMessage kSpeechConfig;
extern const ProtoMessage kVoiceConfig;
extern const ProtoMessage kReplicatedVoiceConfig;
extern const ProtoMessage kVoiceConsentSignature;
extern const ProtoMessage kPrebuiltVoiceConfig;
extern const ProtoMessage kMultiSpeakerVoiceConfig;
extern const ProtoMessage kSpeakerVoiceConfig;
extern const ProtoMessage kImageConfig;
extern const ProtoMessage kImageConfigImageOutputOptions;
extern const ProtoMessage kThinkingConfig;
extern const ProtoMessage kAudioTranscriptionConfig;
extern const ProtoMessage kLanguageAuto;
extern const ProtoMessage kLanguageHints;
extern const ProtoMessage kGenerationConfigRoutingConfig;
extern const ProtoMessage kGenerationConfigRoutingConfigAutoRoutingMode;
extern const ProtoMessage kGenerationConfigRoutingConfigManualRoutingMode;
extern const ProtoMessage kModelSelectionConfig;
extern const ProtoMessage kModelArmorConfig;
extern const ProtoMessage kGenerationOutputConfig;

// ---- enums ----

constexpr std::string_view kPartMediaResolutionLevelWords[] = {"MEDIA_RESOLUTION_UNSPECIFIED", "MEDIA_RESOLUTION_LOW",
                                                               "MEDIA_RESOLUTION_MEDIUM", "MEDIA_RESOLUTION_HIGH",
                                                               "MEDIA_RESOLUTION_ULTRA_HIGH"};
constexpr ProtoWords kPartMediaResolutionLevel{.name = "PartMediaResolutionLevel",
                                               .words = kPartMediaResolutionLevelWords};
constexpr std::string_view kToolTypeWords[] = {"TOOL_TYPE_UNSPECIFIED", "GOOGLE_SEARCH_WEB", "GOOGLE_SEARCH_IMAGE",
                                               "URL_CONTEXT",           "GOOGLE_MAPS",       "FILE_SEARCH",
                                               "MEDIA_PROCESSING"};
constexpr ProtoWords kToolType{.name = "ToolType", .words = kToolTypeWords};
constexpr std::string_view kOutcomeWords[] = {"OUTCOME_UNSPECIFIED", "OUTCOME_OK", "OUTCOME_FAILED",
                                              "OUTCOME_DEADLINE_EXCEEDED"};
constexpr ProtoWords kOutcome{.name = "Outcome", .words = kOutcomeWords};
constexpr std::string_view kLanguageWords[] = {"LANGUAGE_UNSPECIFIED", "PYTHON"};
constexpr ProtoWords kLanguage{.name = "Language", .words = kLanguageWords};
constexpr std::string_view kNullValueWords[] = {"NULL_VALUE"};
constexpr ProtoWords kNullValue{.name = "NullValue", .words = kNullValueWords};
constexpr std::string_view kMediaProcessingWords[] = {"MEDIA_PROCESSING_UNSPECIFIED", "STATIC", "AGENTIC"};
constexpr ProtoWords kMediaProcessing{.name = "MediaProcessing", .words = kMediaProcessingWords};
constexpr std::string_view kFunctionResponseSchedulingWords[] = {"SCHEDULING_UNSPECIFIED", "SILENT", "WHEN_IDLE",
                                                                 "INTERRUPT"};
constexpr ProtoWords kFunctionResponseScheduling{.name = "FunctionResponseScheduling",
                                                 .words = kFunctionResponseSchedulingWords};
constexpr std::string_view kApiSpecWords[] = {"API_SPEC_UNSPECIFIED", "SIMPLE_SEARCH", "ELASTIC_SEARCH"};
constexpr ProtoWords kApiSpec{.name = "ApiSpec", .words = kApiSpecWords};
constexpr std::string_view kHttpElementLocationWords[] = {"HTTP_IN_UNSPECIFIED", "HTTP_IN_QUERY", "HTTP_IN_HEADER",
                                                          "HTTP_IN_PATH",        "HTTP_IN_BODY",  "HTTP_IN_COOKIE"};
constexpr ProtoWords kHttpElementLocation{.name = "HttpElementLocation", .words = kHttpElementLocationWords};
constexpr std::string_view kAuthTypeWords[] = {
    "AUTH_TYPE_UNSPECIFIED",       "NO_AUTH", "API_KEY_AUTH", "HTTP_BASIC_AUTH",
    "GOOGLE_SERVICE_ACCOUNT_AUTH", "OAUTH",   "OIDC_AUTH"};
constexpr ProtoWords kAuthType{.name = "AuthType", .words = kAuthTypeWords};
constexpr std::string_view kEnvironmentWords[] = {"ENVIRONMENT_UNSPECIFIED", "ENVIRONMENT_BROWSER",
                                                  "ENVIRONMENT_MOBILE", "ENVIRONMENT_DESKTOP"};
constexpr ProtoWords kEnvironment{.name = "Environment", .words = kEnvironmentWords};
constexpr std::string_view kSafetyPolicyWords[] = {
    "SAFETY_POLICY_UNSPECIFIED", "FINANCIAL_TRANSACTIONS", "SENSITIVE_DATA_MODIFICATION", "COMMUNICATION_TOOL",
    "ACCOUNT_CREATION",          "DATA_MODIFICATION",      "USER_CONSENT_MANAGEMENT",     "LEGAL_TERMS_AND_AGREEMENTS"};
constexpr ProtoWords kSafetyPolicy{.name = "SafetyPolicy", .words = kSafetyPolicyWords};
constexpr std::string_view kPhishBlockThresholdWords[] = {"PHISH_BLOCK_THRESHOLD_UNSPECIFIED",
                                                          "BLOCK_LOW_AND_ABOVE",
                                                          "BLOCK_MEDIUM_AND_ABOVE",
                                                          "BLOCK_HIGH_AND_ABOVE",
                                                          "BLOCK_HIGHER_AND_ABOVE",
                                                          "BLOCK_VERY_HIGH_AND_ABOVE",
                                                          "BLOCK_ONLY_EXTREMELY_HIGH"};
constexpr ProtoWords kPhishBlockThreshold{.name = "PhishBlockThreshold", .words = kPhishBlockThresholdWords};
constexpr std::string_view kBehaviorWords[] = {"UNSPECIFIED", "BLOCKING", "NON_BLOCKING"};
constexpr ProtoWords kBehavior{.name = "Behavior", .words = kBehaviorWords};
constexpr std::string_view kTypeWords[] = {"TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER",
                                           "BOOLEAN",          "ARRAY",  "OBJECT", "NULL"};
constexpr ProtoWords kType{.name = "Type", .words = kTypeWords};
constexpr std::string_view kDynamicRetrievalConfigModeWords[] = {"MODE_UNSPECIFIED", "MODE_DYNAMIC"};
constexpr ProtoWords kDynamicRetrievalConfigMode{.name = "DynamicRetrievalConfigMode",
                                                 .words = kDynamicRetrievalConfigModeWords};
constexpr std::string_view kFunctionCallingConfigModeWords[] = {"MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"};
constexpr ProtoWords kFunctionCallingConfigMode{.name = "FunctionCallingConfigMode",
                                                .words = kFunctionCallingConfigModeWords};
constexpr std::string_view kHarmCategoryWords[] = {"HARM_CATEGORY_UNSPECIFIED",
                                                   "HARM_CATEGORY_HARASSMENT",
                                                   "HARM_CATEGORY_HATE_SPEECH",
                                                   "HARM_CATEGORY_SEXUALLY_EXPLICIT",
                                                   "HARM_CATEGORY_DANGEROUS_CONTENT",
                                                   "HARM_CATEGORY_CIVIC_INTEGRITY",
                                                   "HARM_CATEGORY_JAILBREAK",
                                                   "HARM_CATEGORY_IMAGE_HATE",
                                                   "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT",
                                                   "HARM_CATEGORY_IMAGE_HARASSMENT",
                                                   "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT"};
constexpr ProtoWords kHarmCategory{.name = "HarmCategory", .words = kHarmCategoryWords};
constexpr std::string_view kHarmBlockMethodWords[] = {"HARM_BLOCK_METHOD_UNSPECIFIED", "SEVERITY", "PROBABILITY"};
constexpr ProtoWords kHarmBlockMethod{.name = "HarmBlockMethod", .words = kHarmBlockMethodWords};
constexpr std::string_view kHarmBlockThresholdWords[] = {"HARM_BLOCK_THRESHOLD_UNSPECIFIED",
                                                         "BLOCK_LOW_AND_ABOVE",
                                                         "BLOCK_MEDIUM_AND_ABOVE",
                                                         "BLOCK_ONLY_HIGH",
                                                         "BLOCK_NONE",
                                                         "OFF"};
constexpr ProtoWords kHarmBlockThreshold{.name = "HarmBlockThreshold", .words = kHarmBlockThresholdWords};
constexpr std::string_view kModalityWords[] = {"MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO"};
constexpr ProtoWords kModality{.name = "Modality", .words = kModalityWords};
constexpr std::string_view kMediaResolutionWords[] = {"MEDIA_RESOLUTION_UNSPECIFIED", "MEDIA_RESOLUTION_LOW",
                                                      "MEDIA_RESOLUTION_MEDIUM", "MEDIA_RESOLUTION_HIGH"};
constexpr ProtoWords kMediaResolution{.name = "MediaResolution", .words = kMediaResolutionWords};
constexpr std::string_view kProminentPeopleWords[] = {"PROMINENT_PEOPLE_UNSPECIFIED", "ALLOW_PROMINENT_PEOPLE",
                                                      "BLOCK_PROMINENT_PEOPLE"};
constexpr ProtoWords kProminentPeople{.name = "ProminentPeople", .words = kProminentPeopleWords};
constexpr std::string_view kThinkingLevelWords[] = {"THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH"};
constexpr ProtoWords kThinkingLevel{.name = "ThinkingLevel", .words = kThinkingLevelWords};
constexpr std::string_view kAudioTranscriptionConfigModeWords[] = {"MODE_UNSPECIFIED", "VERBATIM", "SMART"};
constexpr ProtoWords kAudioTranscriptionConfigMode{.name = "AudioTranscriptionConfigMode",
                                                   .words = kAudioTranscriptionConfigModeWords};
constexpr std::string_view kModelRoutingPreferenceWords[] = {"UNKNOWN", "PRIORITIZE_QUALITY", "BALANCED",
                                                             "PRIORITIZE_COST"};
constexpr ProtoWords kModelRoutingPreference{.name = "ModelRoutingPreference", .words = kModelRoutingPreferenceWords};
constexpr std::string_view kFeatureSelectionPreferenceWords[] = {"FEATURE_SELECTION_PREFERENCE_UNSPECIFIED",
                                                                 "PRIORITIZE_QUALITY", "BALANCED", "PRIORITIZE_COST"};
constexpr ProtoWords kFeatureSelectionPreference{.name = "FeatureSelectionPreference",
                                                 .words = kFeatureSelectionPreferenceWords};
constexpr std::string_view kServiceTierWords[] = {"unspecified", "flex", "standard", "priority"};
constexpr ProtoWords kServiceTier{.name = "ServiceTier", .words = kServiceTierWords};
constexpr std::string_view kTaskTypeWords[] = {"TASK_TYPE_UNSPECIFIED", "RETRIEVAL_QUERY",   "RETRIEVAL_DOCUMENT",
                                               "SEMANTIC_SIMILARITY",   "CLASSIFICATION",    "CLUSTERING",
                                               "QUESTION_ANSWERING",    "FACT_VERIFICATION", "CODE_RETRIEVAL_QUERY"};
constexpr ProtoWords kTaskType{.name = "TaskType", .words = kTaskTypeWords};

// ---- messages ----

constexpr ProtoField kGenerationOutputConfigFields[] = {
    {.name = "outputUriPrefix"},
};
constexpr ProtoMessage kGenerationOutputConfig{.name = "GenerationOutputConfig",
                                               .fields = kGenerationOutputConfigFields};

constexpr ProtoField kModelArmorConfigFields[] = {
    {.name = "promptTemplateName"},
    {.name = "responseTemplateName"},
};
constexpr ProtoMessage kModelArmorConfig{.name = "ModelArmorConfig", .fields = kModelArmorConfigFields};

constexpr ProtoField kModelSelectionConfigFields[] = {
    {.name = "featureSelectionPreference", .type = Proto::kEnum, .words = &kFeatureSelectionPreference},
};
constexpr ProtoMessage kModelSelectionConfig{.name = "ModelSelectionConfig", .fields = kModelSelectionConfigFields};

constexpr ProtoField kGenerationConfigRoutingConfigManualRoutingModeFields[] = {
    {.name = "modelName"},
};
constexpr ProtoMessage kGenerationConfigRoutingConfigManualRoutingMode{
    .name = "GenerationConfigRoutingConfigManualRoutingMode",
    .fields = kGenerationConfigRoutingConfigManualRoutingModeFields};

constexpr ProtoField kGenerationConfigRoutingConfigAutoRoutingModeFields[] = {
    {.name = "modelRoutingPreference", .type = Proto::kEnum, .words = &kModelRoutingPreference},
};
constexpr ProtoMessage kGenerationConfigRoutingConfigAutoRoutingMode{
    .name = "GenerationConfigRoutingConfigAutoRoutingMode",
    .fields = kGenerationConfigRoutingConfigAutoRoutingModeFields};

constexpr ProtoField kGenerationConfigRoutingConfigFields[] = {
    {.name = "autoMode", .type = Proto::kMessage, .message = &kGenerationConfigRoutingConfigAutoRoutingMode},
    {.name = "manualMode", .type = Proto::kMessage, .message = &kGenerationConfigRoutingConfigManualRoutingMode},
};
constexpr ProtoMessage kGenerationConfigRoutingConfig{.name = "GenerationConfigRoutingConfig",
                                                      .fields = kGenerationConfigRoutingConfigFields};

constexpr ProtoField kLanguageHintsFields[] = {
    {.name = "languageCodes", .repeated = true},
};
constexpr ProtoMessage kLanguageHints{.name = "LanguageHints", .fields = kLanguageHintsFields};

constexpr ProtoMessage kLanguageAuto{.name = "LanguageAuto", .fields = {}};

constexpr ProtoField kAudioTranscriptionConfigFields[] = {
    {.name = "languageCodes", .repeated = true},
    {.name = "languageAuto", .type = Proto::kMessage, .message = &kLanguageAuto},
    {.name = "languageHints", .type = Proto::kMessage, .message = &kLanguageHints},
    {.name = "customVocabulary", .repeated = true},
    {.name = "adaptationPhrases", .repeated = true},
    {.name = "wordTimestamp", .type = Proto::kBool},
    {.name = "diarization", .type = Proto::kBool},
    {.name = "mode", .type = Proto::kEnum, .words = &kAudioTranscriptionConfigMode},
    {.name = "sourceText"},
};
constexpr ProtoMessage kAudioTranscriptionConfig{.name = "AudioTranscriptionConfig",
                                                 .fields = kAudioTranscriptionConfigFields};

constexpr ProtoField kThinkingConfigFields[] = {
    {.name = "includeThoughts", .type = Proto::kBool},
    {.name = "thinkingBudget", .type = Proto::kInt32},
    {.name = "thinkingLevel", .type = Proto::kEnum, .words = &kThinkingLevel},
};
constexpr ProtoMessage kThinkingConfig{.name = "ThinkingConfig", .fields = kThinkingConfigFields};

constexpr ProtoField kImageConfigImageOutputOptionsFields[] = {
    {.name = "compressionQuality", .type = Proto::kInt32},
    {.name = "mimeType"},
};
constexpr ProtoMessage kImageConfigImageOutputOptions{.name = "ImageConfigImageOutputOptions",
                                                      .fields = kImageConfigImageOutputOptionsFields};

constexpr ProtoField kImageConfigFields[] = {
    {.name = "aspectRatio"},
    {.name = "imageSize"},
    {.name = "personGeneration"},
    {.name = "outputMimeType"},
    {.name = "outputCompressionQuality", .type = Proto::kInt32},
    {.name = "imageOutputOptions", .type = Proto::kMessage, .message = &kImageConfigImageOutputOptions},
    {.name = "prominentPeople", .type = Proto::kEnum, .words = &kProminentPeople},
};
constexpr ProtoMessage kImageConfig{.name = "ImageConfig", .fields = kImageConfigFields};

constexpr ProtoField kSpeakerVoiceConfigFields[] = {
    {.name = "speaker"},
    {.name = "voiceConfig", .type = Proto::kMessage, .message = &kVoiceConfig},
};
constexpr ProtoMessage kSpeakerVoiceConfig{.name = "SpeakerVoiceConfig", .fields = kSpeakerVoiceConfigFields};

constexpr ProtoField kMultiSpeakerVoiceConfigFields[] = {
    {.name = "speakerVoiceConfigs", .type = Proto::kMessage, .repeated = true, .message = &kSpeakerVoiceConfig},
};
constexpr ProtoMessage kMultiSpeakerVoiceConfig{.name = "MultiSpeakerVoiceConfig",
                                                .fields = kMultiSpeakerVoiceConfigFields};

constexpr ProtoField kPrebuiltVoiceConfigFields[] = {
    {.name = "voiceName"},
};
constexpr ProtoMessage kPrebuiltVoiceConfig{.name = "PrebuiltVoiceConfig", .fields = kPrebuiltVoiceConfigFields};

constexpr ProtoField kVoiceConsentSignatureFields[] = {
    {.name = "signature"},
};
constexpr ProtoMessage kVoiceConsentSignature{.name = "VoiceConsentSignature", .fields = kVoiceConsentSignatureFields};

constexpr ProtoField kReplicatedVoiceConfigFields[] = {
    {.name = "mimeType"},
    {.name = "voiceSampleAudio", .type = Proto::kBytes},
    {.name = "consentAudio", .type = Proto::kBytes},
    {.name = "voiceConsentSignature", .type = Proto::kMessage, .message = &kVoiceConsentSignature},
};
constexpr ProtoMessage kReplicatedVoiceConfig{.name = "ReplicatedVoiceConfig", .fields = kReplicatedVoiceConfigFields};

constexpr ProtoField kVoiceConfigFields[] = {
    {.name = "replicatedVoiceConfig", .type = Proto::kMessage, .message = &kReplicatedVoiceConfig},
    {.name = "prebuiltVoiceConfig", .type = Proto::kMessage, .message = &kPrebuiltVoiceConfig},
    {.name = "voice"},
};
constexpr ProtoMessage kVoiceConfig{.name = "VoiceConfig", .fields = kVoiceConfigFields};

constexpr ProtoField kSpeechConfigFields[] = {
    {.name = "voiceConfig", .type = Proto::kMessage, .message = &kVoiceConfig},
    {.name = "languageCode"},
    {.name = "multiSpeakerVoiceConfig", .type = Proto::kMessage, .message = &kMultiSpeakerVoiceConfig},
};
constexpr ProtoMessage kSpeechConfig{.name = "SpeechConfig", .fields = kSpeechConfigFields};

constexpr ProtoField kGenerationConfigFields[] = {
    {.name = "temperature", .type = Proto::kFloat},
    {.name = "topP", .type = Proto::kFloat},
    {.name = "topK", .type = Proto::kInt32},
    {.name = "candidateCount", .type = Proto::kInt32},
    {.name = "maxOutputTokens", .type = Proto::kInt32},
    {.name = "stopSequences", .repeated = true},
    {.name = "seed", .type = Proto::kInt32},
    {.name = "presencePenalty", .type = Proto::kFloat},
    {.name = "frequencyPenalty", .type = Proto::kFloat},
    {.name = "responseLogprobs", .type = Proto::kBool},
    {.name = "logprobs", .type = Proto::kInt32},
    {.name = "responseMimeType"},
    {.name = "responseSchema", .type = Proto::kMessage, .message = &kSchema},
    {.name = "responseJsonSchema", .type = Proto::kValue},
    {.name = "responseModalities", .type = Proto::kEnum, .repeated = true, .words = &kModality},
    {.name = "mediaResolution", .type = Proto::kEnum, .words = &kMediaResolution},
    {.name = "speechConfig", .type = Proto::kMessage, .message = &kSpeechConfig},
    {.name = "imageConfig", .type = Proto::kMessage, .message = &kImageConfig},
    {.name = "thinkingConfig", .type = Proto::kMessage, .message = &kThinkingConfig},
    {.name = "audioTranscriptionConfig", .type = Proto::kMessage, .message = &kAudioTranscriptionConfig},
    {.name = "enableEnhancedCivicAnswers", .type = Proto::kBool},
    {.name = "audioTimestamp", .type = Proto::kBool, .on = Service::kVertex},
    {.name = "routingConfig",
     .type = Proto::kMessage,
     .message = &kGenerationConfigRoutingConfig,
     .on = Service::kVertex},
    {.name = "modelConfig", .type = Proto::kMessage, .message = &kModelSelectionConfig, .on = Service::kVertex},
};
constexpr ProtoMessage kGenerationConfig{.name = "GenerationConfig", .fields = kGenerationConfigFields};

constexpr ProtoField kSafetySettingFields[] = {
    {.name = "category", .type = Proto::kEnum, .words = &kHarmCategory},
    {.name = "method", .type = Proto::kEnum, .words = &kHarmBlockMethod, .on = Service::kVertex},
    {.name = "threshold", .type = Proto::kEnum, .words = &kHarmBlockThreshold},
};
constexpr ProtoMessage kSafetySetting{.name = "SafetySetting", .fields = kSafetySettingFields};

constexpr ProtoField kLatLngFields[] = {
    {.name = "latitude", .type = Proto::kFloat},
    {.name = "longitude", .type = Proto::kFloat},
};
constexpr ProtoMessage kLatLng{.name = "LatLng", .fields = kLatLngFields};

constexpr ProtoField kRetrievalConfigFields[] = {
    {.name = "languageCode"},
    {.name = "latLng", .type = Proto::kMessage, .message = &kLatLng},
};
constexpr ProtoMessage kRetrievalConfig{.name = "RetrievalConfig", .fields = kRetrievalConfigFields};

constexpr ProtoField kFunctionCallingConfigFields[] = {
    {.name = "allowedFunctionNames", .repeated = true},
    {.name = "mode", .type = Proto::kEnum, .words = &kFunctionCallingConfigMode},
    {.name = "streamFunctionCallArguments", .type = Proto::kBool, .on = Service::kVertex},
};
constexpr ProtoMessage kFunctionCallingConfig{.name = "FunctionCallingConfig", .fields = kFunctionCallingConfigFields};

constexpr ProtoField kToolConfigFields[] = {
    {.name = "functionCallingConfig", .type = Proto::kMessage, .message = &kFunctionCallingConfig},
    {.name = "retrievalConfig", .type = Proto::kMessage, .message = &kRetrievalConfig},
    {.name = "includeServerSideToolInvocations", .type = Proto::kBool},
};
constexpr ProtoMessage kToolConfig{.name = "ToolConfig", .fields = kToolConfigFields};

constexpr ProtoField kFileSearchFields[] = {
    {.name = "fileSearchStoreNames", .repeated = true},
    {.name = "metadataFilter"},
    {.name = "topK", .type = Proto::kInt32},
};
constexpr ProtoMessage kFileSearch{.name = "FileSearch", .fields = kFileSearchFields};

constexpr ProtoMessage kUrlContext{.name = "UrlContext", .fields = {}};

constexpr ProtoField kToolParallelAiSearchFields[] = {
    {.name = "apiKey"},
    {.name = "customConfigs", .type = Proto::kStruct},
    {.name = "enableDataRetention", .type = Proto::kBool},
    {.name = "enableZeroDataRetention", .type = Proto::kBool},
};
constexpr ProtoMessage kToolParallelAiSearch{.name = "ToolParallelAiSearch", .fields = kToolParallelAiSearchFields};

constexpr ProtoField kDynamicRetrievalConfigFields[] = {
    {.name = "dynamicThreshold", .type = Proto::kFloat},
    {.name = "mode", .type = Proto::kEnum, .words = &kDynamicRetrievalConfigMode},
};
constexpr ProtoMessage kDynamicRetrievalConfig{.name = "DynamicRetrievalConfig",
                                               .fields = kDynamicRetrievalConfigFields};

constexpr ProtoField kGoogleSearchRetrievalFields[] = {
    {.name = "dynamicRetrievalConfig", .type = Proto::kMessage, .message = &kDynamicRetrievalConfig},
};
constexpr ProtoMessage kGoogleSearchRetrieval{.name = "GoogleSearchRetrieval", .fields = kGoogleSearchRetrievalFields};

constexpr ProtoField kIntervalFields[] = {
    {.name = "endTime"},
    {.name = "startTime"},
};
constexpr ProtoMessage kInterval{.name = "Interval", .fields = kIntervalFields};

constexpr ProtoMessage kWebSearch{.name = "WebSearch", .fields = {}};

constexpr ProtoMessage kImageSearch{.name = "ImageSearch", .fields = {}};

constexpr ProtoField kSearchTypesFields[] = {
    {.name = "imageSearch", .type = Proto::kMessage, .message = &kImageSearch},
    {.name = "webSearch", .type = Proto::kMessage, .message = &kWebSearch},
};
constexpr ProtoMessage kSearchTypes{.name = "SearchTypes", .fields = kSearchTypesFields};

constexpr ProtoField kGoogleSearchFields[] = {
    {.name = "blockingConfidence", .type = Proto::kEnum, .words = &kPhishBlockThreshold},
    {.name = "excludeDomains", .repeated = true},
    {.name = "searchTypes", .type = Proto::kMessage, .message = &kSearchTypes},
    {.name = "timeRangeFilter", .type = Proto::kMessage, .message = &kInterval},
};
constexpr ProtoMessage kGoogleSearch{.name = "GoogleSearch", .fields = kGoogleSearchFields};

constexpr ProtoField kSchemaFields[] = {
    {.name = "anyOf", .type = Proto::kMessage, .repeated = true, .message = &kSchema},
    {.name = "default", .type = Proto::kValue},
    {.name = "description"},
    {.name = "enum", .repeated = true},
    {.name = "example", .type = Proto::kValue},
    {.name = "format"},
    {.name = "items", .type = Proto::kMessage, .message = &kSchema},
    {.name = "maxItems", .type = Proto::kInt64},
    {.name = "maxLength", .type = Proto::kInt64},
    {.name = "maxProperties", .type = Proto::kInt64},
    {.name = "maximum", .type = Proto::kFloat},
    {.name = "minItems", .type = Proto::kInt64},
    {.name = "minLength", .type = Proto::kInt64},
    {.name = "minProperties", .type = Proto::kInt64},
    {.name = "minimum", .type = Proto::kFloat},
    {.name = "nullable", .type = Proto::kBool},
    {.name = "pattern"},
    {.name = "properties", .type = Proto::kMap, .message = &kSchema},
    {.name = "propertyOrdering", .repeated = true},
    {.name = "required", .repeated = true},
    {.name = "title"},
    {.name = "type", .type = Proto::kEnum, .words = &kType},
};
constexpr ProtoMessage kSchema{.name = "Schema", .fields = kSchemaFields};

constexpr ProtoField kFunctionDeclarationFields[] = {
    {.name = "behavior", .type = Proto::kEnum, .words = &kBehavior},
    {.name = "description"},
    {.name = "name"},
    {.name = "parameters", .type = Proto::kMessage, .message = &kSchema},
    {.name = "parametersJsonSchema", .type = Proto::kValue},
    {.name = "response", .type = Proto::kMessage, .message = &kSchema},
    {.name = "responseJsonSchema", .type = Proto::kValue},
};
constexpr ProtoMessage kFunctionDeclaration{.name = "FunctionDeclaration", .fields = kFunctionDeclarationFields};

constexpr ProtoField kToolExaAiSearchFields[] = {
    {.name = "apiKey"},
    {.name = "customConfigs", .type = Proto::kStruct},
};
constexpr ProtoMessage kToolExaAiSearch{.name = "ToolExaAiSearch", .fields = kToolExaAiSearchFields};

constexpr ProtoField kEnterpriseWebSearchFields[] = {
    {.name = "blockingConfidence", .type = Proto::kEnum, .words = &kPhishBlockThreshold},
    {.name = "excludeDomains", .repeated = true},
};
constexpr ProtoMessage kEnterpriseWebSearch{.name = "EnterpriseWebSearch", .fields = kEnterpriseWebSearchFields};

constexpr ProtoField kComputerUseFields[] = {
    {.name = "enablePromptInjectionDetection", .type = Proto::kBool},
    {.name = "environment", .type = Proto::kEnum, .words = &kEnvironment},
    {.name = "excludedPredefinedFunctions", .repeated = true},
    {.name = "disabledSafetyPolicies", .type = Proto::kEnum, .repeated = true, .words = &kSafetyPolicy},
};
constexpr ProtoMessage kComputerUse{.name = "ComputerUse", .fields = kComputerUseFields};

constexpr ProtoMessage kToolCodeExecution{.name = "ToolCodeExecution", .fields = {}};

constexpr ProtoField kStreamableHttpTransportFields[] = {
    {.name = "headers", .type = Proto::kTextMap},
    {.name = "sseReadTimeout"},
    {.name = "terminateOnClose", .type = Proto::kBool},
    {.name = "timeout"},
    {.name = "url"},
};
constexpr ProtoMessage kStreamableHttpTransport{.name = "StreamableHttpTransport",
                                                .fields = kStreamableHttpTransportFields};

constexpr ProtoField kMcpServerFields[] = {
    {.name = "name"},
    {.name = "streamableHttpTransport", .type = Proto::kMessage, .message = &kStreamableHttpTransport},
};
constexpr ProtoMessage kMcpServer{.name = "McpServer", .fields = kMcpServerFields};

constexpr ProtoMessage kGoogleMapsRouting{.name = "GoogleMapsRouting", .fields = {}};

constexpr ProtoMessage kGoogleMapsPlaces{.name = "GoogleMapsPlaces", .fields = {}};

constexpr ProtoField kGoogleMapsGroundingTypesFields[] = {
    {.name = "places", .type = Proto::kMessage, .message = &kGoogleMapsPlaces},
    {.name = "routing", .type = Proto::kMessage, .message = &kGoogleMapsRouting},
};
constexpr ProtoMessage kGoogleMapsGroundingTypes{.name = "GoogleMapsGroundingTypes",
                                                 .fields = kGoogleMapsGroundingTypesFields};

constexpr ProtoField kGoogleMapsFields[] = {
    {.name = "authConfig", .type = Proto::kMessage, .message = &kAuthConfig},
    {.name = "enableWidget", .type = Proto::kBool},
    {.name = "groundingTypes", .type = Proto::kMessage, .message = &kGoogleMapsGroundingTypes},
};
constexpr ProtoMessage kGoogleMaps{.name = "GoogleMaps", .fields = kGoogleMapsFields};

constexpr ProtoField kRagRetrievalConfigRankingRankServiceFields[] = {
    {.name = "modelName"},
};
constexpr ProtoMessage kRagRetrievalConfigRankingRankService{.name = "RagRetrievalConfigRankingRankService",
                                                             .fields = kRagRetrievalConfigRankingRankServiceFields};

constexpr ProtoField kRagRetrievalConfigRankingLlmRankerFields[] = {
    {.name = "modelName"},
};
constexpr ProtoMessage kRagRetrievalConfigRankingLlmRanker{.name = "RagRetrievalConfigRankingLlmRanker",
                                                           .fields = kRagRetrievalConfigRankingLlmRankerFields};

constexpr ProtoField kRagRetrievalConfigRankingFields[] = {
    {.name = "llmRanker", .type = Proto::kMessage, .message = &kRagRetrievalConfigRankingLlmRanker},
    {.name = "rankService", .type = Proto::kMessage, .message = &kRagRetrievalConfigRankingRankService},
};
constexpr ProtoMessage kRagRetrievalConfigRanking{.name = "RagRetrievalConfigRanking",
                                                  .fields = kRagRetrievalConfigRankingFields};

constexpr ProtoField kRagRetrievalConfigHybridSearchFields[] = {
    {.name = "alpha", .type = Proto::kFloat},
};
constexpr ProtoMessage kRagRetrievalConfigHybridSearch{.name = "RagRetrievalConfigHybridSearch",
                                                       .fields = kRagRetrievalConfigHybridSearchFields};

constexpr ProtoField kRagRetrievalConfigFilterFields[] = {
    {.name = "metadataFilter"},
    {.name = "vectorDistanceThreshold", .type = Proto::kFloat},
    {.name = "vectorSimilarityThreshold", .type = Proto::kFloat},
};
constexpr ProtoMessage kRagRetrievalConfigFilter{.name = "RagRetrievalConfigFilter",
                                                 .fields = kRagRetrievalConfigFilterFields};

constexpr ProtoField kRagRetrievalConfigFields[] = {
    {.name = "filter", .type = Proto::kMessage, .message = &kRagRetrievalConfigFilter},
    {.name = "hybridSearch", .type = Proto::kMessage, .message = &kRagRetrievalConfigHybridSearch},
    {.name = "ranking", .type = Proto::kMessage, .message = &kRagRetrievalConfigRanking},
    {.name = "topK", .type = Proto::kInt32},
};
constexpr ProtoMessage kRagRetrievalConfig{.name = "RagRetrievalConfig", .fields = kRagRetrievalConfigFields};

constexpr ProtoField kVertexRagStoreRagResourceFields[] = {
    {.name = "ragCorpus"},
    {.name = "ragFileIds", .repeated = true},
};
constexpr ProtoMessage kVertexRagStoreRagResource{.name = "VertexRagStoreRagResource",
                                                  .fields = kVertexRagStoreRagResourceFields};

constexpr ProtoField kVertexRagStoreFields[] = {
    {.name = "ragCorpora", .repeated = true},
    {.name = "ragResources", .type = Proto::kMessage, .repeated = true, .message = &kVertexRagStoreRagResource},
    {.name = "ragRetrievalConfig", .type = Proto::kMessage, .message = &kRagRetrievalConfig},
    {.name = "similarityTopK", .type = Proto::kInt32},
    {.name = "storeContext", .type = Proto::kBool},
    {.name = "vectorDistanceThreshold", .type = Proto::kFloat},
};
constexpr ProtoMessage kVertexRagStore{.name = "VertexRagStore", .fields = kVertexRagStoreFields};

constexpr ProtoField kVertexAISearchDataStoreSpecFields[] = {
    {.name = "dataStore"},
    {.name = "filter"},
};
constexpr ProtoMessage kVertexAISearchDataStoreSpec{.name = "VertexAISearchDataStoreSpec",
                                                    .fields = kVertexAISearchDataStoreSpecFields};

constexpr ProtoField kVertexAISearchFields[] = {
    {.name = "dataStoreSpecs", .type = Proto::kMessage, .repeated = true, .message = &kVertexAISearchDataStoreSpec},
    {.name = "datastore"},
    {.name = "engine"},
    {.name = "filter"},
    {.name = "maxResults", .type = Proto::kInt32},
};
constexpr ProtoMessage kVertexAISearch{.name = "VertexAISearch", .fields = kVertexAISearchFields};

constexpr ProtoMessage kExternalApiSimpleSearchParams{.name = "ExternalApiSimpleSearchParams", .fields = {}};

constexpr ProtoField kExternalApiElasticSearchParamsFields[] = {
    {.name = "index"},
    {.name = "numHits", .type = Proto::kInt32},
    {.name = "searchTemplate"},
};
constexpr ProtoMessage kExternalApiElasticSearchParams{.name = "ExternalApiElasticSearchParams",
                                                       .fields = kExternalApiElasticSearchParamsFields};

constexpr ProtoField kAuthConfigOidcConfigFields[] = {
    {.name = "idToken"},
    {.name = "serviceAccount"},
};
constexpr ProtoMessage kAuthConfigOidcConfig{.name = "AuthConfigOidcConfig", .fields = kAuthConfigOidcConfigFields};

constexpr ProtoField kAuthConfigOauthConfigFields[] = {
    {.name = "accessToken"},
    {.name = "serviceAccount"},
};
constexpr ProtoMessage kAuthConfigOauthConfig{.name = "AuthConfigOauthConfig", .fields = kAuthConfigOauthConfigFields};

constexpr ProtoField kAuthConfigHttpBasicAuthConfigFields[] = {
    {.name = "credentialSecret"},
};
constexpr ProtoMessage kAuthConfigHttpBasicAuthConfig{.name = "AuthConfigHttpBasicAuthConfig",
                                                      .fields = kAuthConfigHttpBasicAuthConfigFields};

constexpr ProtoField kAuthConfigGoogleServiceAccountConfigFields[] = {
    {.name = "serviceAccount"},
};
constexpr ProtoMessage kAuthConfigGoogleServiceAccountConfig{.name = "AuthConfigGoogleServiceAccountConfig",
                                                             .fields = kAuthConfigGoogleServiceAccountConfigFields};

constexpr ProtoField kApiKeyConfigFields[] = {
    {.name = "apiKeySecret"},
    {.name = "apiKeyString"},
    {.name = "httpElementLocation", .type = Proto::kEnum, .words = &kHttpElementLocation},
    {.name = "name"},
};
constexpr ProtoMessage kApiKeyConfig{.name = "ApiKeyConfig", .fields = kApiKeyConfigFields};

constexpr ProtoField kAuthConfigFields[] = {
    {.name = "apiKey"},
    {.name = "apiKeyConfig", .type = Proto::kMessage, .message = &kApiKeyConfig},
    {.name = "authType", .type = Proto::kEnum, .words = &kAuthType},
    {.name = "googleServiceAccountConfig", .type = Proto::kMessage, .message = &kAuthConfigGoogleServiceAccountConfig},
    {.name = "httpBasicAuthConfig", .type = Proto::kMessage, .message = &kAuthConfigHttpBasicAuthConfig},
    {.name = "oauthConfig", .type = Proto::kMessage, .message = &kAuthConfigOauthConfig},
    {.name = "oidcConfig", .type = Proto::kMessage, .message = &kAuthConfigOidcConfig},
};
constexpr ProtoMessage kAuthConfig{.name = "AuthConfig", .fields = kAuthConfigFields};

constexpr ProtoField kApiAuthApiKeyConfigFields[] = {
    {.name = "apiKeySecretVersion"},
    {.name = "apiKeyString"},
};
constexpr ProtoMessage kApiAuthApiKeyConfig{.name = "ApiAuthApiKeyConfig", .fields = kApiAuthApiKeyConfigFields};

constexpr ProtoField kApiAuthFields[] = {
    {.name = "apiKeyConfig", .type = Proto::kMessage, .message = &kApiAuthApiKeyConfig},
};
constexpr ProtoMessage kApiAuth{.name = "ApiAuth", .fields = kApiAuthFields};

constexpr ProtoField kExternalApiFields[] = {
    {.name = "apiAuth", .type = Proto::kMessage, .message = &kApiAuth},
    {.name = "apiSpec", .type = Proto::kEnum, .words = &kApiSpec},
    {.name = "authConfig", .type = Proto::kMessage, .message = &kAuthConfig},
    {.name = "elasticSearchParams", .type = Proto::kMessage, .message = &kExternalApiElasticSearchParams},
    {.name = "endpoint"},
    {.name = "simpleSearchParams", .type = Proto::kMessage, .message = &kExternalApiSimpleSearchParams},
};
constexpr ProtoMessage kExternalApi{.name = "ExternalApi", .fields = kExternalApiFields};

constexpr ProtoField kRetrievalFields[] = {
    {.name = "disableAttribution", .type = Proto::kBool},
    {.name = "externalApi", .type = Proto::kMessage, .message = &kExternalApi},
    {.name = "vertexAiSearch", .type = Proto::kMessage, .message = &kVertexAISearch},
    {.name = "vertexRagStore", .type = Proto::kMessage, .message = &kVertexRagStore},
};
constexpr ProtoMessage kRetrieval{.name = "Retrieval", .fields = kRetrievalFields};

constexpr ProtoField kToolFields[] = {
    {.name = "retrieval", .type = Proto::kMessage, .message = &kRetrieval, .on = Service::kVertex},
    {.name = "googleMaps", .type = Proto::kMessage, .message = &kGoogleMaps},
    {.name = "mcpServers", .type = Proto::kMessage, .repeated = true, .message = &kMcpServer},
    {.name = "codeExecution", .type = Proto::kMessage, .message = &kToolCodeExecution},
    {.name = "computerUse", .type = Proto::kMessage, .message = &kComputerUse},
    {.name = "enterpriseWebSearch", .type = Proto::kMessage, .message = &kEnterpriseWebSearch, .on = Service::kVertex},
    {.name = "exaAiSearch", .type = Proto::kMessage, .message = &kToolExaAiSearch, .on = Service::kVertex},
    {.name = "functionDeclarations", .type = Proto::kMessage, .repeated = true, .message = &kFunctionDeclaration},
    {.name = "googleSearch", .type = Proto::kMessage, .message = &kGoogleSearch},
    {.name = "googleSearchRetrieval", .type = Proto::kMessage, .message = &kGoogleSearchRetrieval},
    {.name = "parallelAiSearch", .type = Proto::kMessage, .message = &kToolParallelAiSearch, .on = Service::kVertex},
    {.name = "urlContext", .type = Proto::kMessage, .message = &kUrlContext},
    {.name = "fileSearch", .type = Proto::kMessage, .message = &kFileSearch, .on = Service::kGemini},
};
constexpr ProtoMessage kTool{.name = "Tool", .fields = kToolFields};

constexpr ProtoField kSpeechMetadataFields[] = {
    {.name = "speaker"},
    {.name = "style"},
};
constexpr ProtoMessage kSpeechMetadata{.name = "SpeechMetadata", .fields = kSpeechMetadataFields};

constexpr ProtoField kVideoMetadataFields[] = {
    {.name = "endOffset"},
    {.name = "fps", .type = Proto::kFloat},
    {.name = "startOffset"},
};
constexpr ProtoMessage kVideoMetadata{.name = "VideoMetadata", .fields = kVideoMetadataFields};

constexpr ProtoField kBlobFields[] = {
    {.name = "data", .type = Proto::kBytes},
    {.name = "displayName"},
    {.name = "mimeType"},
};
constexpr ProtoMessage kBlob{.name = "Blob", .fields = kBlobFields};

constexpr ProtoField kFunctionResponseBlobFields[] = {
    {.name = "data", .type = Proto::kBytes},
    {.name = "displayName"},
    {.name = "mimeType"},
};
constexpr ProtoMessage kFunctionResponseBlob{.name = "FunctionResponseBlob", .fields = kFunctionResponseBlobFields};

constexpr ProtoField kFunctionResponseFileDataFields[] = {
    {.name = "displayName"},
    {.name = "fileUri"},
    {.name = "mimeType"},
};
constexpr ProtoMessage kFunctionResponseFileData{.name = "FunctionResponseFileData",
                                                 .fields = kFunctionResponseFileDataFields};

constexpr ProtoField kFunctionResponsePartFields[] = {
    {.name = "fileData", .type = Proto::kMessage, .message = &kFunctionResponseFileData},
    {.name = "inlineData", .type = Proto::kMessage, .message = &kFunctionResponseBlob},
    {.name = "mediaProcessing", .type = Proto::kEnum, .words = &kMediaProcessing},
};
constexpr ProtoMessage kFunctionResponsePart{.name = "FunctionResponsePart", .fields = kFunctionResponsePartFields};

constexpr ProtoField kFunctionResponseFields[] = {
    {.name = "id"},
    {.name = "name"},
    {.name = "parts", .type = Proto::kMessage, .repeated = true, .message = &kFunctionResponsePart},
    {.name = "response", .type = Proto::kStruct},
    {.name = "scheduling", .type = Proto::kEnum, .words = &kFunctionResponseScheduling},
    {.name = "willContinue", .type = Proto::kBool},
};
constexpr ProtoMessage kFunctionResponse{.name = "FunctionResponse", .fields = kFunctionResponseFields};

constexpr ProtoField kPartialArgFields[] = {
    {.name = "boolValue", .type = Proto::kBool},
    {.name = "jsonPath"},
    {.name = "nullValue", .type = Proto::kEnum, .words = &kNullValue},
    {.name = "numberValue", .type = Proto::kFloat},
    {.name = "stringValue"},
    {.name = "willContinue", .type = Proto::kBool},
};
constexpr ProtoMessage kPartialArg{.name = "PartialArg", .fields = kPartialArgFields};

constexpr ProtoField kFunctionCallFields[] = {
    {.name = "args", .type = Proto::kStruct},
    {.name = "id"},
    {.name = "name"},
    {.name = "partialArgs", .type = Proto::kMessage, .repeated = true, .message = &kPartialArg, .on = Service::kVertex},
    {.name = "willContinue", .type = Proto::kBool, .on = Service::kVertex},
};
constexpr ProtoMessage kFunctionCall{.name = "FunctionCall", .fields = kFunctionCallFields};

constexpr ProtoField kFileDataFields[] = {
    {.name = "displayName"},
    {.name = "fileUri"},
    {.name = "mimeType"},
};
constexpr ProtoMessage kFileData{.name = "FileData", .fields = kFileDataFields};

constexpr ProtoField kExecutableCodeFields[] = {
    {.name = "code"},
    {.name = "language", .type = Proto::kEnum, .words = &kLanguage},
    {.name = "id"},
};
constexpr ProtoMessage kExecutableCode{.name = "ExecutableCode", .fields = kExecutableCodeFields};

constexpr ProtoField kCodeExecutionResultFields[] = {
    {.name = "outcome", .type = Proto::kEnum, .words = &kOutcome},
    {.name = "output"},
    {.name = "id"},
};
constexpr ProtoMessage kCodeExecutionResult{.name = "CodeExecutionResult", .fields = kCodeExecutionResultFields};

constexpr ProtoField kWordInfoFields[] = {
    {.name = "word"},
    {.name = "startOffset"},
    {.name = "endOffset"},
};
constexpr ProtoMessage kWordInfo{.name = "WordInfo", .fields = kWordInfoFields};

constexpr ProtoField kTranscriptionFields[] = {
    {.name = "text"},
    {.name = "finished", .type = Proto::kBool},
    {.name = "languageCode"},
    {.name = "speakerLabel"},
    {.name = "words", .type = Proto::kMessage, .repeated = true, .message = &kWordInfo},
    {.name = "startOffset"},
    {.name = "endOffset"},
};
constexpr ProtoMessage kTranscription{.name = "Transcription", .fields = kTranscriptionFields};

constexpr ProtoField kToolResponseFields[] = {
    {.name = "id"},
    {.name = "toolType", .type = Proto::kEnum, .words = &kToolType},
    {.name = "response", .type = Proto::kStruct},
};
constexpr ProtoMessage kToolResponse{.name = "ToolResponse", .fields = kToolResponseFields};

constexpr ProtoField kToolCallFields[] = {
    {.name = "id"},
    {.name = "toolType", .type = Proto::kEnum, .words = &kToolType},
    {.name = "args", .type = Proto::kStruct},
};
constexpr ProtoMessage kToolCall{.name = "ToolCall", .fields = kToolCallFields};

constexpr ProtoField kPartMediaResolutionFields[] = {
    {.name = "level", .type = Proto::kEnum, .words = &kPartMediaResolutionLevel},
    {.name = "numTokens", .type = Proto::kInt32},
};
constexpr ProtoMessage kPartMediaResolution{.name = "PartMediaResolution", .fields = kPartMediaResolutionFields};

constexpr ProtoField kPartFields[] = {
    {.name = "mediaResolution", .type = Proto::kMessage, .message = &kPartMediaResolution},
    {.name = "toolCall", .type = Proto::kMessage, .message = &kToolCall, .oneof = "data", .on = Service::kGemini},
    {.name = "toolResponse",
     .type = Proto::kMessage,
     .message = &kToolResponse,
     .oneof = "data",
     .on = Service::kGemini},
    {.name = "audioTranscription", .type = Proto::kMessage, .message = &kTranscription, .oneof = "data"},
    {.name = "codeExecutionResult", .type = Proto::kMessage, .message = &kCodeExecutionResult, .oneof = "data"},
    {.name = "executableCode", .type = Proto::kMessage, .message = &kExecutableCode, .oneof = "data"},
    {.name = "fileData", .type = Proto::kMessage, .message = &kFileData, .oneof = "data"},
    {.name = "functionCall", .type = Proto::kMessage, .message = &kFunctionCall, .oneof = "data"},
    {.name = "functionResponse", .type = Proto::kMessage, .message = &kFunctionResponse, .oneof = "data"},
    {.name = "inlineData", .type = Proto::kMessage, .message = &kBlob, .oneof = "data"},
    {.name = "text", .oneof = "data"},
    {.name = "thought", .type = Proto::kBool},
    {.name = "thoughtSignature", .type = Proto::kBytes},
    {.name = "videoMetadata", .type = Proto::kMessage, .message = &kVideoMetadata},
    {.name = "partMetadata", .type = Proto::kStruct, .on = Service::kGemini},
    {.name = "mediaProcessing", .type = Proto::kEnum, .words = &kMediaProcessing},
    {.name = "speechMetadata", .type = Proto::kMessage, .message = &kSpeechMetadata},
};
constexpr ProtoMessage kPart{.name = "Part", .fields = kPartFields};

constexpr ProtoField kContentFields[] = {
    {.name = "parts", .type = Proto::kMessage, .repeated = true, .message = &kPart},
    {.name = "role"},
};
constexpr ProtoMessage kContent{.name = "Content", .fields = kContentFields};

constexpr ProtoField kGenerateContentRequestFields[] = {
    {.name = "model"},
    {.name = "contents", .type = Proto::kMessage, .repeated = true, .message = &kContent},
    {.name = "systemInstruction", .type = Proto::kMessage, .message = &kContent},
    {.name = "tools", .type = Proto::kMessage, .repeated = true, .message = &kTool},
    {.name = "toolConfig", .type = Proto::kMessage, .message = &kToolConfig},
    {.name = "safetySettings", .type = Proto::kMessage, .repeated = true, .message = &kSafetySetting},
    {.name = "generationConfig", .type = Proto::kMessage, .message = &kGenerationConfig},
    {.name = "cachedContent"},
    {.name = "serviceTier", .type = Proto::kEnum, .words = &kServiceTier},
    {.name = "labels", .type = Proto::kTextMap},
    {.name = "store", .type = Proto::kBool, .on = Service::kGemini},
    {.name = "continuationToken"},
    {.name = "modelArmorConfig", .type = Proto::kMessage, .message = &kModelArmorConfig, .on = Service::kVertex},
    {.name = "outputConfig", .type = Proto::kMessage, .message = &kGenerationOutputConfig, .on = Service::kVertex},
};
constexpr ProtoField kCountTokensRequestFields[] = {
    {.name = "model"},
    {.name = "contents", .type = Proto::kMessage, .repeated = true, .message = &kContent},
    {.name = "generateContentRequest",
     .type = Proto::kMessage,
     .message = &kGenerateContentRequest,
     .on = Service::kGemini},
    {.name = "instances", .type = Proto::kValue, .on = Service::kVertex},
    {.name = "systemInstruction", .type = Proto::kMessage, .message = &kContent, .on = Service::kVertex},
    {.name = "tools", .type = Proto::kMessage, .repeated = true, .message = &kTool, .on = Service::kVertex},
    {.name = "generationConfig", .type = Proto::kMessage, .message = &kGenerationConfig, .on = Service::kVertex},
};
constexpr ProtoField kEmbedContentRequestFields[] = {
    {.name = "model"},
    {.name = "content", .type = Proto::kMessage, .message = &kContent},
    {.name = "taskType", .type = Proto::kEnum, .words = &kTaskType},
    {.name = "title"},
    {.name = "outputDimensionality", .type = Proto::kInt32},
};
constexpr ProtoField kBatchEmbedContentsRequestFields[] = {
    {.name = "requests", .type = Proto::kMessage, .repeated = true, .message = &kEmbedContentRequest},
};

}  // namespace

constexpr ProtoMessage kGenerateContentRequest{.name = "GenerateContentRequest",
                                               .fields = kGenerateContentRequestFields};
constexpr ProtoMessage kCountTokensRequest{.name = "CountTokensRequest", .fields = kCountTokensRequestFields};
constexpr ProtoMessage kEmbedContentRequest{.name = "EmbedContentRequest", .fields = kEmbedContentRequestFields};
constexpr ProtoMessage kBatchEmbedContentsRequest{.name = "BatchEmbedContentsRequest",
                                                  .fields = kBatchEmbedContentsRequestFields};

}  // namespace sluice::sim
