// check: allow file-sizes because it is one document
#include "admin/openapi.h"

namespace sluice::admin {

namespace {

constexpr std::string_view kDocument = R"json({
  "openapi": "3.1.0",
  "info": {
    "title": "Sluice: the administrator's API",
    "version": "1",
    "description": "JSON in, JSON out. Every operation needs the master key."
  },
  "servers": [{"url": "/admin/v1"}],
  "security": [{"master_key": []}],
  "paths": {
    "/openapi.json": {
      "get": {
        "operationId": "get_openapi",
        "summary": "This document.",
        "responses": {"200": {"description": "The document.", "content": {"application/json": {}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/deployments": {
      "get": {
        "operationId": "list_deployments",
        "summary": "How each deployment is doing now.",
        "responses": {
          "200": {"description": "All deployments.", "content": {"application/json": {"schema": {
            "type": "object", "required": ["deployments"], "properties": {
              "deployments": {"type": "array", "items": {"$ref": "#/components/schemas/Deployment"}}}}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/deployments/{name}/hold": {
      "put": {
        "operationId": "hold_deployment",
        "summary": "Hold a deployment's breaker open, closed or drained, or let it go again.",
        "description": "It lasts until it is changed or the process ends.",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"},
                        "description": "provider/model; its slash as it is or as %2F."}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "required": ["hold"], "additionalProperties": false, "properties": {
            "hold": {"$ref": "#/components/schemas/Hold"}}}}}},
        "responses": {
          "200": {"description": "The deployment as it is now.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Deployment"}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/exchanges": {
      "get": {
        "operationId": "list_exchanges",
        "summary": "The requests that ended last, newest first.",
        "parameters": [{"name": "limit", "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}}],
        "responses": {
          "200": {"description": "The requests.", "content": {"application/json": {"schema": {
            "type": "object", "required": ["exchanges"], "properties": {
              "exchanges": {"type": "array", "items": {"$ref": "#/components/schemas/Exchange"}}}}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/exchanges/{request_id}": {
      "get": {
        "operationId": "get_exchange",
        "summary": "What became of one request, and why.",
        "parameters": [{"name": "request_id", "in": "path", "required": true, "schema": {"type": "string"},
                        "description": "The x-sluice-request-id of its answer."}],
        "responses": {
          "200": {"description": "The request.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Exchange"}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/faults": {
      "get": {
        "operationId": "list_faults",
        "summary": "The faults that are injected now.",
        "responses": {"200": {"$ref": "#/components/responses/Faults"},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "put": {
        "operationId": "put_fault",
        "summary": "Inject a fault at a deployment; it ends by itself.",
        "description": "Only where the configuration says drill: { enabled: true }. It replaces the deployment's own.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "required": ["deployment", "kind"], "additionalProperties": false, "properties": {
            "deployment": {"type": "string"},
            "kind": {"$ref": "#/components/schemas/FaultKind"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "default": 503, "description": "Of kind status."},
            "delay": {"type": "string", "default": "2s", "description": "Of kind slow: a duration, at most 10m."},
            "share": {"type": "number", "minimum": 0.001, "maximum": 1, "default": 1,
                      "description": "Of the tries that are hit, by chance."},
            "for": {"type": "string", "default": "60s", "description": "A duration, at most 1h."}}}}}},
        "responses": {"200": {"$ref": "#/components/responses/Faults"},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "delete": {
        "operationId": "delete_faults",
        "summary": "End the fault of a deployment, or all.",
        "parameters": [{"name": "deployment", "in": "query", "schema": {"type": "string"}}],
        "responses": {"200": {"$ref": "#/components/responses/Faults"},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    }
  },
  "components": {
    "securitySchemes": {"master_key": {"type": "http", "scheme": "bearer"}},
    "responses": {
      "Error": {"description": "It was not done.", "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/Error"}}}},
      "Faults": {"description": "The faults that are injected now.", "content": {"application/json": {"schema": {
        "type": "object", "required": ["faults"], "properties": {
          "faults": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}}}}}}}
    },
    "schemas": {
      "Error": {"type": "object", "required": ["error"], "properties": {"error": {
        "type": "object", "required": ["code", "message", "field"], "properties": {
          "code": {"type": "string"},
          "message": {"type": "string"},
          "field": {"type": ["string", "null"], "description": "The field or parameter it is about."}}}}},
      "Hold": {"type": "string", "enum": ["none", "open", "closed", "drained"],
               "description": "open: nothing is sent there; closed: failures do not open it; drained: nothing new is sent there, and no failure is meant."},
      "FaultKind": {"type": "string", "enum": ["unreachable", "timeout", "status", "slow", "reset", "truncate"]},
      "Fault": {"type": "object", "required": ["deployment", "kind", "share", "remaining_ms"], "properties": {
        "deployment": {"type": "string"},
        "kind": {"$ref": "#/components/schemas/FaultKind"},
        "status": {"type": "integer"},
        "delay": {"type": "string"},
        "share": {"type": "number"},
        "remaining_ms": {"type": "integer"}}},
      "Deployment": {"type": "object",
        "required": ["name", "provider", "region", "routes", "weight", "breaker", "gate", "in_flight", "first_piece_ms", "headroom", "resting_ms"],
        "properties": {
          "name": {"type": "string"},
          "provider": {"type": "string"},
          "region": {"type": "string"},
          "routes": {"type": "array", "items": {"type": "string"}, "description": "The routes that lead to it."},
          "weight": {"type": "integer"},
          "breaker": {"type": "object", "required": ["state", "hold", "remaining_ms", "openings"], "properties": {
            "state": {"type": "string", "enum": ["closed", "open", "half_open"]},
            "hold": {"$ref": "#/components/schemas/Hold"},
            "remaining_ms": {"type": "integer", "description": "Of its cool-down."},
            "openings": {"type": "integer", "description": "How often it has opened so far."}}},
          "gate": {"type": ["object", "null"], "required": ["limit", "in_use", "waiting"],
            "description": "Its room: how many at once, now in use, and waiting for it; null: no limit of its own.",
            "properties": {
              "limit": {"type": "integer"}, "in_use": {"type": "integer"}, "waiting": {"type": "integer"}}},
          "in_flight": {"type": "integer"},
          "first_piece_ms": {"type": ["integer", "null"], "description": "To the first piece of an answer, a moving average; null: not known."},
          "headroom": {"type": "number", "description": "What the provider said is left of its limits: 1 all, 0 nothing."},
          "resting_ms": {"type": "integer", "description": "How long it asked to be left alone."}}},
      "Exchange": {"type": "object",
        "required": ["request_id", "arrived", "operation", "key", "team", "route", "model_asked", "model_served", "deployment",
                     "stream", "status", "outcome", "fault", "error", "duration_us", "upstream_us", "first_content_us",
                     "candidates", "excluded", "gave_up", "tries"],
        "properties": {
          "request_id": {"type": "string"},
          "arrived": {"type": "string", "format": "date-time"},
          "operation": {"type": "string"},
          "key": {"type": ["string", "null"], "description": "The caller's name."},
          "team": {"type": ["string", "null"]},
          "route": {"type": ["string", "null"]},
          "model_asked": {"type": ["string", "null"]},
          "model_served": {"type": ["string", "null"]},
          "deployment": {"type": ["string", "null"], "description": "That answered, or was asked last."},
          "stream": {"type": "boolean"},
          "status": {"type": "integer", "description": "That the client got."},
          "outcome": {"type": "string", "enum": ["ok", "client_gone", "error"]},
          "fault": {"type": ["string", "null"]},
          "error": {"type": ["string", "null"]},
          "duration_us": {"type": "integer"},
          "upstream_us": {"type": "integer", "description": "Spent waiting for providers."},
          "first_content_us": {"type": ["integer", "null"]},
          "candidates": {"type": "array", "items": {"type": "string"}, "description": "In the order in which they would be tried."},
          "excluded": {"type": "array", "items": {"type": "object", "required": ["deployment", "reason"], "properties": {
            "deployment": {"type": "string"}, "reason": {"type": "string"}}}},
          "gave_up": {"type": ["string", "null"],
                      "description": "Why no further try was made, where that was not for want of candidates."},
          "tries": {"type": "array", "items": {"$ref": "#/components/schemas/Try"}}}},
      "Try": {"type": "object",
        "required": ["deployment", "why", "began_us", "paused_us", "queued_us", "duration_us", "status", "outcome", "failure", "error"],
        "properties": {
          "deployment": {"type": "string"},
          "began_us": {"type": "integer", "description": "After the request's arrival."},
          "why": {"type": "string", "enum": ["first", "fallback", "retry", "last_resort", "hedge", "continued"]},
          "paused_us": {"type": "integer", "description": "Before it began."},
          "queued_us": {"type": "integer", "description": "For room at the deployment."},
          "duration_us": {"type": "integer"},
          "status": {"type": "integer", "description": "The provider's; 0: none came."},
          "outcome": {"type": "string", "description": "served, abandoned, or what failed."},
          "failure": {"type": ["string", "null"], "description": "The class by which was decided what follows."},
          "error": {"type": ["string", "null"]}}}
    }
  }
}
)json";

}  // namespace

std::string_view openapi() {
  return kDocument;
}

Result<std::string> get_openapi(const Tools&, const Ask&) {
  return std::string(kDocument);
}

}  // namespace sluice::admin
