# Writes the keys of a JSON object as files. The variable `from` names the
# variable that holds the object, `to` is the folder, and `keys` has the keys that
# are wanted, one a line; without it all are. Numbers, truth values and what is
# nested are written as JSON.
BEGIN {
  text = ENVIRON[ENVIRON["from"]]
  size = length(text)
  at = 1
  all = !("keys" in ENVIRON)
  count = split(ENVIRON["keys"], lines, "\n")
  for (i = 1; i <= count; i++) wanted[lines[i]] = 1
  take("{")
  blank()
  if (peek() != "}") {
    do {
      blank()
      key = word()
      take(":")
      value = any()
      if (all || key in wanted) { put(key, value); delete wanted[key] }
      blank()
      mark = peek()
      at++
    } while (mark == ",")
    if (mark != "}") fail("it is no JSON object")
  }
  if (!all) for (key in wanted) fail("it lacks the key " key)
}

function fail(why) {
  print "The secret cannot be split: " why | "cat >&2"
  close("cat >&2")
  exit 1
}

function peek() { return substr(text, at, 1) }

function blank() { while (at <= size && peek() ~ /[ \t\r\n]/) at++ }

function take(mark) {
  blank()
  if (peek() != mark) fail("it is no JSON object")
  at++
}

# The value that begins here: what a text says, or the JSON of anything else.
function any(    start, depth, c) {
  blank()
  if (peek() == "\"") return word()
  start = at
  depth = 0
  while (at <= size) {
    c = peek()
    if (c == "\"") { word(); continue }
    if (c == "{" || c == "[") depth++
    if (depth == 0 && c ~ /[,} \t\r\n]/) break
    if (c == "}" || c == "]") depth--
    at++
  }
  if (at == start) fail("it is no JSON object")
  return substr(text, start, at - start)
}

# The text that begins here.
function word(    out, rest, stop, c, code, low) {
  if (peek() != "\"") fail("it is no JSON object")
  at++
  out = ""
  while (1) {
    rest = substr(text, at)
    stop = match(rest, /["\\]/)
    if (!stop) fail("a text in it has no end")
    out = out substr(rest, 1, stop - 1)
    at += stop
    if (substr(rest, stop, 1) == "\"") return out
    c = peek()
    at++
    if (c == "n") out = out "\n"
    else if (c == "t") out = out "\t"
    else if (c == "r") out = out "\r"
    else if (c == "b") out = out "\b"
    else if (c == "f") out = out "\f"
    else if (c == "u") {
      code = hex()
      if (code >= 55296 && code < 56320 && substr(text, at, 2) == "\\u") {
        at += 2
        low = hex()
        if (low >= 56320 && low < 57344) code = 65536 + (code - 55296) * 1024 + low - 56320
        else at -= 6
      }
      out = out utf8(code)
    }
    else out = out c
  }
}

function hex(    i, digit, code) {
  code = 0
  for (i = 0; i < 4; i++) {
    digit = index("0123456789abcdef", tolower(substr(text, at + i, 1)))
    if (!digit || at + i > size) fail("a text in it has a wrong escape")
    code = code * 16 + digit - 1
  }
  at += 4
  return code
}

function utf8(code) {
  if (code == 0) fail("a text in it has a zero byte")
  if (code >= 55296 && code < 57344) code = 65533
  if (code < 128) return sprintf("%c", code)
  if (code < 2048) return byte(192 + int(code / 64)) tail(code)
  if (code < 65536) return byte(224 + int(code / 4096)) tail(int(code / 64)) tail(code)
  return byte(240 + int(code / 262144)) tail(int(code / 4096)) tail(int(code / 64)) tail(code)
}

function byte(code) { return sprintf("%c", code) }

function tail(code) { return byte(128 + code % 64) }

function put(key, value,    file) {
  gsub("/", "_", key)
  if (key == "" || key == "." || key == "..") fail("a key in it cannot name a file")
  file = ENVIRON["to"] "/" key
  printf "%s", value > file
  close(file)
}
