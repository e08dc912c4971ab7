#include "outputs/all.h"

namespace weir::outputs {

void add_all(config::Registry& registry) {
  add_broker(registry);
  add_cache(registry);
  add_drop(registry);
  add_drop_on(registry);
  add_fallback(registry);
  add_file(registry);
  add_http_client(registry);
  add_http_server(registry);
  add_inproc(registry);
  add_reject(registry);
  add_reject_errored(registry);
  add_resource(registry);
  add_retry(registry);
  add_socket(registry);
  add_stdout(registry);
  add_subprocess(registry);
  add_switch(registry);
  add_sync_response(registry);
  add_websocket(registry);

  // Known in the family: a configuration that uses one gets a better answer than "not known".
  for (const char* name : {
           "amqp_0_9",
           "amqp_1",
           "arc",
           "aws_dynamodb",
           "aws_kinesis",
           "aws_kinesis_firehose",
           "aws_s3",
           "aws_sns",
           "aws_sqs",
           "azure_blob_storage",
           "azure_cosmosdb",
           "azure_data_lake_gen2",
           "azure_queue_storage",
           "azure_table_storage",
           "beanstalkd",
           "cassandra",
           "couchbase",
           "cyborgdb",
           "cypher",
           "discord",
           "doris_stream_load",
           "dynamic",
           "elasticsearch_v8",
           "elasticsearch_v9",
           "gcp_bigquery",
           "gcp_bigquery_write_api",
           "gcp_cloud_storage",
           "gcp_pubsub",
           "hdfs",
           "iceberg",
           "kafka",
           "kafka_franz",
           "mongodb",
           "mqtt",
           "nanomsg",
           "nats",
           "nats_jetstream",
           "nats_kv",
           "nats_stream",
           "nsq",
           "ockam_kafka",
           "opensearch",
           "otlp_grpc",
           "otlp_http",
           "pinecone",
           "pulsar",
           "pusher",
           "qdrant",
           "questdb",
           "redis_hash",
           "redis_list",
           "redis_pubsub",
           "redis_streams",
           "redpanda",
           "redpanda_common",
           "redpanda_migrator",
           "salesforce_sink",
           "schema_registry",
           "sftp",
           "slack_post",
           "slack_reaction",
           "snowflake_put",
           "snowflake_streaming",
           "splunk_hec",
           "sql",
           "sql_insert",
           "sql_raw",
           "timeplus",
           "zmq4",
       }) {
    registry.refuse(config::ComponentKind::kOutput, name,
                    "not written yet: docs/roadmap.md lists what is missing");
  }
}

}  // namespace weir::outputs
