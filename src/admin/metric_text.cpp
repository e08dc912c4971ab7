#include "admin/metric_text.h"

#include <algorithm>

#include "core/buffer.h"
#include "core/json_text.h"

namespace weir::admin {

namespace {

using Series = core::Metrics::Series;

std::string number(double value) {
  core::Buffer out;
  core::write_json_double(value, out);
  return std::string(out.view());
}

std::string escaped(const std::string& value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out.push_back('\\');
    if (c == '\n') {
      out += "\\n";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

// `{a="b",le="1"}`, or nothing.
std::string label_text(const core::Labels& labels, const std::string& extra = {}) {
  std::string out;
  for (const auto& [name, value] : labels)
    out += (out.empty() ? "" : ",") + name + "=\"" + escaped(value) + "\"";
  if (!extra.empty()) out += (out.empty() ? "" : ",") + extra;
  return out.empty() ? out : "{" + out + "}";
}

const char* type_of(const Series& series, const PrometheusStyle& style) {
  if (series.counter != nullptr) return "counter";
  if (series.timing != nullptr) return style.histograms ? "histogram" : "summary";
  return "gauge";
}

void timing(const Series& series, const PrometheusStyle& style, std::string& out) {
  const core::Timing& t = *series.timing;
  if (!style.histograms) {
    for (const double q : style.quantiles) {
      out += series.name + label_text(series.labels, "quantile=\"" + number(q) + "\"") + " " +
             number(t.quantile(q)) + "\n";
    }
    out += series.name + "_sum" + label_text(series.labels) + " " + std::to_string(t.sum_nanos()) +
           "\n";
    out +=
        series.name + "_count" + label_text(series.labels) + " " + std::to_string(t.count()) + "\n";
    return;
  }
  const auto buckets = t.buckets();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i + 1 < buckets.size(); i += 2) {  // every factor of four is fine enough
    sum += buckets[i] + buckets[i + 1];
    out +=
        series.name + "_bucket" +
        label_text(series.labels,
                   "le=\"" + number(static_cast<double>(core::Timing::bound(i + 1)) / 1e9) + "\"") +
        " " + std::to_string(sum) + "\n";
  }
  out += series.name + "_bucket" + label_text(series.labels, "le=\"+Inf\"") + " " +
         std::to_string(t.count()) + "\n";
  out += series.name + "_sum" + label_text(series.labels) + " " +
         number(static_cast<double>(t.sum_nanos()) / 1e9) + "\n";
  out +=
      series.name + "_count" + label_text(series.labels) + " " + std::to_string(t.count()) + "\n";
}

}  // namespace

std::string prometheus_text(const core::Metrics& metrics, const PrometheusStyle& style) {
  std::string out;
  std::string family;
  for (const Series& series : metrics.series()) {
    if (series.name != family) {
      family = series.name;
      out += "# TYPE " + family + " " + type_of(series, style) + "\n";
    }
    if (series.timing != nullptr) {
      timing(series, style, out);
      continue;
    }
    out += series.name + label_text(series.labels) + " ";
    if (series.counter != nullptr) {
      out += std::to_string(series.counter->value());
    } else if (series.gauge != nullptr) {
      out += std::to_string(series.gauge->value());
    } else {
      out += number((*series.computed)());
    }
    out += "\n";
  }
  return out;
}

std::string json_metrics(const core::Metrics& metrics) {
  core::Buffer out;
  out.push('{');
  for (const Series& series : metrics.series()) {
    if (out.size() > 1) out.push(',');
    core::write_json_string(series.name + label_text(series.labels), out);
    out.push(':');
    if (series.counter != nullptr) {
      out.append(std::to_string(series.counter->value()));
    } else if (series.gauge != nullptr) {
      out.append(std::to_string(series.gauge->value()));
    } else if (series.computed != nullptr) {
      core::write_json_double((*series.computed)(), out);
    } else {
      out.append("{\"count\":" + std::to_string(series.timing->count()) +
                 ",\"sum\":" + std::to_string(series.timing->sum_nanos()) +
                 ",\"p50\":" + number(series.timing->quantile(0.5)) +
                 ",\"p90\":" + number(series.timing->quantile(0.9)) +
                 ",\"p99\":" + number(series.timing->quantile(0.99)) + "}");
    }
  }
  out.push('}');
  return std::string(out.view());
}

}  // namespace weir::admin
