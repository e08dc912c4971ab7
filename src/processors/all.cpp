#include "processors/all.h"

namespace weir::processors {

void add_all(config::Registry& registry) {
  add_catch(registry);
  add_http(registry);
  add_log(registry);
  add_mapping(registry);
  add_mutation(registry);
  add_noop(registry);
  add_sleep(registry);
  add_try(registry);

  // Known in the family: a configuration that uses one gets a better answer than "not known".
  for (const char* name : {
           "a2a_message",
           "archive",
           "avro",
           "awk",
           "aws_bedrock_chat",
           "aws_bedrock_embeddings",
           "aws_dynamodb_partiql",
           "aws_lambda",
           "azure_cosmosdb",
           "benchmark",
           "bounds_check",
           "branch",
           "cache",
           "cached",
           "cohere_chat",
           "cohere_embeddings",
           "cohere_rerank",
           "command",
           "compress",
           "couchbase",
           "crash",
           "decompress",
           "dedupe",
           "ffi",
           "for_each",
           "gcp_bigquery_select",
           "gcp_vertex_ai_chat",
           "gcp_vertex_ai_embeddings",
           "google_drive_download",
           "google_drive_list_labels",
           "google_drive_search",
           "grok",
           "group_by",
           "group_by_value",
           "insert_part",
           "javascript",
           "jira",
           "jmespath",
           "jq",
           "json_schema",
           "metric",
           "mongodb",
           "msgpack",
           "nats_kv",
           "nats_request_reply",
           "ollama_chat",
           "ollama_embeddings",
           "ollama_moderation",
           "openai_chat_completion",
           "openai_embeddings",
           "openai_image_generation",
           "openai_speech",
           "openai_transcription",
           "openai_translation",
           "parallel",
           "parquet",
           "parquet_decode",
           "parquet_encode",
           "parse_log",
           "processors",
           "protobuf",
           "qdrant",
           "rate_limit",
           "redis",
           "redis_script",
           "redpanda_data_transform",
           "resource",
           "retry",
           "schema_registry_decode",
           "schema_registry_encode",
           "select_parts",
           "sentry_capture",
           "slack_thread",
           "split",
           "sql",
           "sql_insert",
           "sql_raw",
           "sql_select",
           "string_split",
           "subprocess",
           "switch",
           "sync_response",
           "text_chunker",
           "try_catch",
           "unarchive",
           "wasm",
           "while",
           "workflow",
           "xml",
       }) {
    registry.refuse(config::ComponentKind::kProcessor, name,
                    "not written yet: docs/roadmap.md lists what is missing");
  }
}

}  // namespace weir::processors
