# Writes the shop events of the quick start: mawk -f generate.awk > events.ndjson
# The same seed gives the same file. Some lines are broken on purpose.
function random(n) {  # 0 .. n-1
  seed = (seed * 16807) % 2147483647
  return seed % n
}
function pick(list, n,    parts) {
  split(list, parts, " ")
  return parts[random(n) + 1]
}
function time_text(s,    h, m) {
  h = int(s / 3600) % 24
  m = int(s / 60) % 60
  return sprintf("2026-03-%02dT%02d:%02d:%02dZ", 2 + int(s / 86400), h, m, s % 60)
}
function user() {
  return sprintf("{\"id\":\"u%04d\",\"country\":\"%s\",\"tags\":%s}", random(400), pick("DE FR GB PL US", 5),
                 random(3) == 0 ? "[]" : "[\"" pick("new returning vip", 3) "\"]")
}
function items(    n, i, text) {
  n = 1 + random(4)
  for (i = 0; i < n; i++) {
    text = text (i ? "," : "") sprintf("{\"sku\":\"%s-%03d\",\"quantity\":%d,\"price\":%d.%02d}", pick("MUG TEE CAP BAG PEN", 5),
                                       random(120), 1 + random(3), 2 + random(80), random(100))
  }
  return "[" text "]"
}
BEGIN {
  seed = 20260302
  second = 28800
  for (n = 1; n <= 3000; n++) {
    second += random(9)
    head = sprintf("{\"id\":\"e%05d\",\"at\":\"%s\",\"user\":%s,", n, time_text(second), user())
    kind = random(100)
    if (n % 250 == 0) {
      print "{\"id\":\"e" n "\",\"kind\":\"order\",\"total\":"             # cut off
    } else if (n % 333 == 0) {
      print head "\"kind\":\"order\",\"items\":\"none\"}"                    # items of the wrong kind
    } else if (kind < 70) {
      print head sprintf("\"kind\":\"page_view\",\"page\":\"/%s/%d\",\"ms\":%d,\"bot\":%s}", pick("home shop cart help", 4), random(50),
                         20 + random(900), random(12) == 0 ? "true" : "false")
    } else if (kind < 88) {
      print head "\"kind\":\"basket\",\"items\":" items() "}"
    } else {
      print head "\"kind\":\"order\",\"items\":" items() ",\"payment\":{\"method\":\"" pick("card invoice wallet", 3) "\",\"paid\":" \
            (random(10) ? "true" : "false") "}}"
    }
  }
}
