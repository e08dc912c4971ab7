#include <string_view>

#include "inputs/all.h"

namespace weir::inputs {
namespace {

struct Refused {
  std::string_view name;
  std::string_view instead;
};

constexpr std::string_view kBridge =
    "run a bridge that posts to `http_server`, or poll with `http_client`";
constexpr std::string_view kDatabase = "export rows to files and read them with `file`";
constexpr std::string_view kObjects = "copy the objects to a folder and read them with `file`";

// Names of the family that weir does not have, with what to use.
constexpr Refused kRefused[] = {
    {"amqp_0_9", kBridge},
    {"amqp_1", kBridge},
    {"aws_cloudwatch_logs", kBridge},
    {"aws_dynamodb_cdc", kBridge},
    {"aws_kinesis", kBridge},
    {"aws_s3", kObjects},
    {"aws_sqs", kBridge},
    {"azure_blob_storage", kObjects},
    {"azure_cosmosdb", kDatabase},
    {"azure_queue_storage", kBridge},
    {"azure_table_storage", kDatabase},
    {"beanstalkd", kBridge},
    {"cassandra", kDatabase},
    {"cockroachdb_changefeed", kBridge},
    {"discord", kBridge},
    {"dynamic", "list the inputs in a `broker`"},
    {"gateway", "use `http_server`"},
    {"gcp_bigquery_select", kDatabase},
    {"gcp_cloud_storage", kObjects},
    {"gcp_pubsub", kBridge},
    {"gcp_spanner_cdc", kBridge},
    {"git", "check the repository out and read it with `file`"},
    {"hdfs", kObjects},
    {"jira", "poll with `http_client`"},
    {"microsoft_sql_server_cdc", kBridge},
    {"mongodb", kDatabase},
    {"mongodb_cdc", kBridge},
    {"mqtt", kBridge},
    {"mysql_cdc", kBridge},
    {"nanomsg", "use `socket`"},
    {"nats", kBridge},
    {"nats_jetstream", kBridge},
    {"nats_kv", kBridge},
    {"nats_stream", kBridge},
    {"nsq", kBridge},
    {"ockam_kafka", kBridge},
    {"oracledb_cdc", kBridge},
    {"otlp_grpc", "send OTLP over HTTP as JSON to `http_server`"},
    {"otlp_http", "send OTLP over HTTP as JSON to `http_server`"},
    {"parquet", "convert the files to CSV or JSON lines and read them with `file`"},
    {"pg_stream", kBridge},
    {"postgres_cdc", kBridge},
    {"pulsar", kBridge},
    {"redis_list", kBridge},
    {"redis_pubsub", kBridge},
    {"redis_scan", kDatabase},
    {"redis_streams", kBridge},
    {"redpanda_migrator", kBridge},
    {"salesforce", "poll with `http_client`"},
    {"salesforce_cdc", kBridge},
    {"salesforce_graphql", "poll with `http_client`"},
    {"schema_registry", "poll with `http_client`"},
    {"sftp", kObjects},
    {"slack", kBridge},
    {"slack_users", "poll with `http_client`"},
    {"spicedb_watch", kBridge},
    {"splunk", "poll with `http_client`"},
    {"sql_raw", kDatabase},
    {"sql_select", kDatabase},
    {"tigerbeetle_cdc", kBridge},
    {"timeplus", kDatabase},
    {"twitter_search", "poll with `http_client`"},
    {"zmq4", "use `socket`"},
};

}  // namespace

void refuse_others(config::Registry& registry) {
  for (const Refused& one : kRefused) {
    registry.refuse(config::ComponentKind::kInput, std::string(one.name), std::string(one.instead));
  }
}

}  // namespace weir::inputs
