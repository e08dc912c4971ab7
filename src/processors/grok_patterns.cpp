#include "processors/grok_patterns.h"

namespace weir::processors {

const GrokPatterns& default_grok_patterns() {
  static const GrokPatterns patterns = {
      // words and numbers
      {"USERNAME", R"([a-zA-Z0-9._-]+)"},
      {"USER", R"(%{USERNAME})"},
      {"EMAILLOCALPART", R"([a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})"},
      {"EMAILADDRESS", R"(%{EMAILLOCALPART}@%{HOSTNAME})"},
      {"INT", R"([+-]?[0-9]+)"},
      {"BASE10NUM", R"([+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))"},
      {"NUMBER", R"(%{BASE10NUM})"},
      {"BASE16NUM", R"([+-]?(?:0x)?[0-9A-Fa-f]+)"},
      {"BASE16FLOAT", R"([+-]?(?:0x)?(?:[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?|\.[0-9A-Fa-f]+))"},
      {"BOOLEAN", R"((?i:true|false))"},
      {"POSINT", R"(\b[1-9][0-9]*\b)"},
      {"NONNEGINT", R"(\b[0-9]+\b)"},
      {"WORD", R"(\b\w+\b)"},
      {"NOTSPACE", R"(\S+)"},
      {"SPACE", R"(\s*)"},
      {"DATA", R"(.*?)"},
      {"GREEDYDATA", R"(.*)"},
      {"QUOTEDSTRING", R"lit((?:"(?:\\.|[^\\"])*"|'(?:\\.|[^\\'])*'|`(?:\\.|[^\\`])*`))lit"},
      {"QS", R"(%{QUOTEDSTRING})"},
      {"UUID", R"([A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12})"},
      // networks
      {"CISCOMAC", R"((?:[A-Fa-f0-9]{4}\.){2}[A-Fa-f0-9]{4})"},
      {"WINDOWSMAC", R"((?:[A-Fa-f0-9]{2}-){5}[A-Fa-f0-9]{2})"},
      {"COMMONMAC", R"((?:[A-Fa-f0-9]{2}:){5}[A-Fa-f0-9]{2})"},
      {"MAC", R"((?:%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}))"},
      {"IPV4",
       R"((?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9]))"},
      {"IPV6",
       R"((?:(?:[0-9A-Fa-f]{1,4}:){1,7}(?::[0-9A-Fa-f]{1,4}){1,7}|(?:[0-9A-Fa-f]{1,4}:){6}%{IPV4}|(?:[0-9A-Fa-f]{1,4}:){1,5}(?::[0-9A-Fa-f]{1,4}){0,5}:%{IPV4}|::(?:[Ff]{4}(?::0{1,4})?:)?%{IPV4}|(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,7}:|:(?::[0-9A-Fa-f]{1,4}){1,7}|::)(?:%[0-9A-Za-z]+)?)"},
      {"IP", R"((?:%{IPV6}|%{IPV4}))"},
      {"HOSTNAME", R"(\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*\.?)"},
      {"HOST", R"(%{HOSTNAME})"},
      {"IPORHOST", R"((?:%{IP}|%{HOSTNAME}))"},
      {"HOSTPORT", R"(%{IPORHOST}:%{POSINT})"},
      // paths and addresses
      {"PATH", R"((?:%{UNIXPATH}|%{WINPATH}))"},
      {"UNIXPATH", R"((?:/[\w_%!$@:.,+~-]*)+)"},
      {"WINPATH", R"((?:[A-Za-z]+:|\\)(?:\\[^\\?*]*)+)"},
      {"TTY", R"(/dev/(?:pts|tty(?:[pq])?)(?:\w+)?/?(?:[0-9]+))"},
      {"URIPROTO", R"([A-Za-z][A-Za-z0-9+.-]*)"},
      {"URIHOST", R"(%{IPORHOST}(?::%{POSINT})?)"},
      {"URIPATH", R"((?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_\-]*)+)"},
      {"URIPARAM", R"(\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\-\[\]<>]*)"},
      {"URIPATHPARAM", R"(%{URIPATH}(?:%{URIPARAM})?)"},
      {"URI", R"(%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?)"},
      // dates and times
      {"MONTH",
       R"(\b(?:[Jj]an(?:uary)?|[Ff]eb(?:ruary)?|[Mm]ar(?:ch)?|[Aa]pr(?:il)?|[Mm]ay|[Jj]une?|[Jj]uly?|[Aa]ug(?:ust)?|[Ss]ep(?:t(?:ember)?)?|[Oo]ct(?:ober)?|[Nn]ov(?:ember)?|[Dd]ec(?:ember)?)\b)"},
      {"MONTHNUM", R"((?:0?[1-9]|1[0-2]))"},
      {"MONTHNUM2", R"((?:0[1-9]|1[0-2]))"},
      {"MONTHDAY", R"((?:0[1-9]|[12][0-9]|3[01]|[1-9]))"},
      {"DAY",
       R"((?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?))"},
      {"YEAR", R"([0-9]{2}(?:[0-9]{2})?)"},
      {"HOUR", R"((?:2[0123]|[01]?[0-9]))"},
      {"MINUTE", R"([0-5][0-9])"},
      {"SECOND", R"((?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?)"},
      {"TIME", R"(%{HOUR}:%{MINUTE}(?::%{SECOND})?)"},
      {"DATE_US", R"(%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR})"},
      {"DATE_EU", R"(%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR})"},
      {"DATE_X", R"(%{YEAR}/%{MONTHNUM2}/%{MONTHDAY})"},
      {"ISO8601_TIMEZONE", R"((?:Z|[+-]%{HOUR}(?::?%{MINUTE})))"},
      {"ISO8601_SECOND", R"((?:%{SECOND}|60))"},
      {"TIMESTAMP_ISO8601",
       R"(%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?)"},
      {"DATE", R"((?:%{DATE_US}|%{DATE_EU}|%{DATE_X}))"},
      {"DATESTAMP", R"(%{DATE}[- ]%{TIME})"},
      {"TZ", R"((?:[PMCE][SD]T|UTC|GMT))"},
      {"NUMTZ", R"([+-][0-9]{4})"},
      {"DATESTAMP_RFC822", R"(%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ})"},
      {"DATESTAMP_RFC2822", R"(%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE})"},
      {"DATESTAMP_OTHER", R"(%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR})"},
      {"DATESTAMP_EVENTLOG", R"([0-9]{4}%{MONTHNUM2}%{MONTHDAY}%{HOUR}%{MINUTE}%{SECOND})"},
      {"HTTPDERROR_DATE", R"(%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR})"},
      {"SYSLOGTIMESTAMP", R"(%{MONTH} +%{MONTHDAY} %{TIME})"},
      {"HTTPDATE", R"(%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT})"},
      // logs
      {"LOGLEVEL",
       R"((?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?))"},
      {"PROG", R"([\x21-\x5a\x5c\x5e-\x7e]+)"},
      {"SYSLOGPROG", R"(%{PROG:program}(?:\[%{POSINT:pid}\])?)"},
      {"SYSLOGHOST", R"(%{IPORHOST})"},
      {"SYSLOGFACILITY", R"(<%{NONNEGINT:facility}.%{NONNEGINT:priority}>)"},
      {"SYSLOGBASE",
       R"(%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:)"},
      {"HTTPDUSER", R"((?:%{EMAILADDRESS}|%{USER}))"},
      {"COMMONAPACHELOG",
       R"lit(%{IPORHOST:clientip} %{HTTPDUSER:ident} %{HTTPDUSER:auth} \[%{HTTPDATE:timestamp}\] "(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" %{NUMBER:response} (?:%{NUMBER:bytes}|-))lit"},
      {"COMBINEDAPACHELOG", R"(%{COMMONAPACHELOG} %{QS:referrer} %{QS:agent})"},
      {"HTTPD_COMMONLOG", R"(%{COMMONAPACHELOG})"},
      {"HTTPD_COMBINEDLOG", R"(%{COMBINEDAPACHELOG})"},
  };
  return patterns;
}

core::Status read_grok_patterns(std::string_view text, GrokPatterns& into) {
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t blank = line.find_first_of(" \t");
    if (blank == 0 || blank == std::string_view::npos) {
      return core::invalid_config("line " + std::to_string(number) +
                                  ": expected a name, a blank and a regular expression");
    }
    const std::size_t begin = line.find_first_not_of(" \t", blank);
    into[std::string(line.substr(0, blank))] =
        begin == std::string_view::npos ? std::string() : std::string(line.substr(begin));
  }
  return {};
}

namespace {

constexpr unsigned kMostNested = 32;
constexpr std::size_t kMostText = std::size_t{256} << 10;

class Expander {
 public:
  Expander(const GrokPatterns& patterns, bool named_only, GrokExpansion& out)
      : patterns_(patterns), named_only_(named_only), out_(out) {}

  core::Status expand(std::string_view text, unsigned depth) {
    if (depth > kMostNested)
      return core::invalid_config("patterns refer to each other more than 32 deep");
    while (!text.empty()) {
      const std::size_t begin = text.find("%{");
      out_.regexp += text.substr(0, begin);
      if (out_.regexp.size() > kMostText)
        return core::invalid_config("the expression becomes longer than 256 KiB");
      if (begin == std::string_view::npos) break;
      const std::size_t end = text.find('}', begin);
      if (end == std::string_view::npos) return core::invalid_config("`%{` without a closing `}`");
      WEIR_CHECK_OK(reference(text.substr(begin + 2, end - begin - 2), depth));
      text.remove_prefix(end + 1);
    }
    return {};
  }

 private:
  core::Status reference(std::string_view inside, unsigned depth) {
    const std::size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    std::string_view field;
    std::string_view type;
    if (colon != std::string_view::npos) {
      field = inside.substr(colon + 1);
      const std::size_t second = field.find(':');
      if (second != std::string_view::npos) {
        type = field.substr(second + 1);
        field = field.substr(0, second);
      }
    }
    const auto found = patterns_.find(name);
    if (found == patterns_.end())
      return core::invalid_config("there is no pattern called `" + std::string(name) + "`");
    if (field.empty() && !named_only_) field = name;
    if (field.empty()) {
      out_.regexp += "(?:";
    } else {
      GrokExpansion::Field one;
      one.group = "weir" + std::to_string(out_.fields.size());
      one.name = std::string(field);
      if (type == "int" || type == "integer") {
        one.type = GrokType::kInt;
      } else if (type == "float") {
        one.type = GrokType::kFloat;
      } else if (!type.empty() && type != "string") {
        return core::invalid_config("`" + std::string(type) +
                                    "` is none of the types int, float, string");
      }
      out_.regexp += "(?P<" + one.group + ">";
      out_.fields.push_back(std::move(one));
    }
    WEIR_CHECK_OK(expand(found->second, depth + 1));
    out_.regexp += ')';
    return {};
  }

  const GrokPatterns& patterns_;
  bool named_only_;
  GrokExpansion& out_;
};

}  // namespace

core::Result<GrokExpansion> expand_grok(std::string_view expression, const GrokPatterns& patterns,
                                        bool named_only) {
  GrokExpansion made;
  WEIR_CHECK_OK(Expander(patterns, named_only, made).expand(expression, 0));
  return made;
}

}  // namespace weir::processors
