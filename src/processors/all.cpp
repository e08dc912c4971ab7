#include "processors/all.h"

namespace weir::processors {

void add_all(config::Registry& registry) {
  add_archive(registry);
  add_benchmark(registry);
  add_bounds_check(registry);
  add_branch(registry);
  add_cache(registry);
  add_cached(registry);
  add_catch(registry);
  add_compress(registry);
  add_crash(registry);
  add_decompress(registry);
  add_dedupe(registry);
  add_for_each(registry);
  add_grok(registry);
  add_group_by(registry);
  add_group_by_value(registry);
  add_http(registry);
  add_insert_part(registry);
  add_log(registry);
  add_mapping(registry);
  add_metric(registry);
  add_msgpack(registry);
  add_mutation(registry);
  add_noop(registry);
  add_parallel(registry);
  add_processors(registry);
  add_rate_limit(registry);
  add_resource(registry);
  add_retry(registry);
  add_select_parts(registry);
  add_sleep(registry);
  add_split(registry);
  add_switch(registry);
  add_sync_response(registry);
  add_try(registry);
  add_try_catch(registry);
  add_unarchive(registry);
  add_while(registry);
  add_workflow(registry);
  add_xml(registry);

  // Known in the family: a configuration that uses one gets a better answer than "not known".
  for (const char* name : {
           "a2a_message",
           "avro",
           "awk",
           "aws_bedrock_chat",
           "aws_bedrock_embeddings",
           "aws_dynamodb_partiql",
           "aws_lambda",
           "azure_cosmosdb",
           "cohere_chat",
           "cohere_embeddings",
           "cohere_rerank",
           "command",
           "couchbase",
           "ffi",
           "gcp_bigquery_select",
           "gcp_vertex_ai_chat",
           "gcp_vertex_ai_embeddings",
           "google_drive_download",
           "google_drive_list_labels",
           "google_drive_search",
           "javascript",
           "jira",
           "jmespath",
           "jq",
           "json_schema",
           "mongodb",
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
           "parquet",
           "parquet_decode",
           "parquet_encode",
           "parse_log",
           "protobuf",
           "qdrant",
           "redis",
           "redis_script",
           "redpanda_data_transform",
           "schema_registry_decode",
           "schema_registry_encode",
           "sentry_capture",
           "slack_thread",
           "sql",
           "sql_insert",
           "sql_raw",
           "sql_select",
           "string_split",
           "subprocess",
           "text_chunker",
           "wasm",
       }) {
    registry.refuse(config::ComponentKind::kProcessor, name,
                    "not written yet: docs/roadmap.md lists what is missing");
  }
  // Their operators are in src/windowing; nothing drives them yet.
  for (const char* name : {"window", "top_n", "table"}) {
    registry.refuse(
        config::ComponentKind::kProcessor, name,
        "the engine does not keep time and state yet: docs/windows.md says what is there");
  }
}

}  // namespace weir::processors
