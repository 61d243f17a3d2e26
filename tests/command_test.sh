#!/bin/sh
# usage: command_test.sh GATELINT : the command as scripts and people start it: exit codes, streams,
# bad input. Each check is one line; what differs is printed.
set -u

gatelint=$1
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

passed=0
failed=0

pass() { passed=$((passed + 1)); }
fail() {
    failed=$((failed + 1))
    printf 'FAILED: %s\n' "$*"
    sed 's/^/    | /' out err
}

# start ARGUMENT... : leaves the exit code in $code, the streams in out and err.
start() {
    "$gatelint" "$@" >out 2>err </dev/null
    code=$?
}

# exits CODE WHAT : judges the last start.
exits() { if [ "$code" = "$1" ]; then pass; else fail "$2: exit code $code, expected $1"; fi; }
says() { if grep -qF -- "$1" out; then pass; else fail "standard output lacks: $1"; fi; }
complains() { if grep -qF -- "$1" err; then pass; else fail "standard error lacks: $1"; fi; }
is_empty() { if [ -s "$1" ]; then fail "$2: standard $1 is not empty"; else pass; fi; }

# --- the main job
shop=$root/fixtures/gateways/shop/nginx.conf
fixed=$root/fixtures/gateways/shop-fixed

start "$shop"
exits 1 "findings"
says "error[socket-path-mismatch]"
complains "3 errors, 4 warnings in "
# The README's picture is what its command prints.
(cd "$root" && "$gatelint" fixtures/gateways/shop/conf.d/shop.conf) >out 2>err </dev/null
sed '${/^$/d}' out >printed
sed -n '/^\$ \.\/gatelint fixtures/,/^```$/p' "$root/README.md" | sed '1d;$d' >picture
if cmp -s picture printed; then pass; else fail "the README's picture"; fi
start check "$shop"
exits 1 "check is the default verb"
start "$fixed"
exits 0 "a directory with an nginx.conf"
is_empty out "nothing found"
complains "no problems found in "
start "$shop" "$fixed"
exits 1 "several paths"

# --- the other side, by the user's word
mkdir -p described
printf 'events {}\nhttp { server { location / { proxy_pass http://127.0.0.1:3000; } } }\n' \
    >described/nginx.conf
printf '[[backend]]\nlisten = "127.0.0.1:3001"\nspeaks = "http"\n' >described/gatelint.toml
start described/nginx.conf
exits 0 "a backend somewhere else"
printf 'complete = true\n' >described/gatelint.toml
start described/nginx.conf
exits 1 "nothing else listens"
says "error[endpoint-bind-mismatch]: nothing listens on 127.0.0.1:3000"
printf 'complete = true\n[[backend]]\nlisten = "127.0.0.1:3000"\nspeaks = "uwsgi"\n' \
    >described/gatelint.toml
start described/nginx.conf
says "error[pass-protocol-mismatch]: proxy_pass speaks HTTP, but"

# --- thresholds
printf 'events {}\nhttp { server { location / { proxy_pass http://10.0.0.5:443; } } }\n' >note.conf
start note.conf
exits 0 "a note is below the threshold"
start --fail-on note note.conf
exits 1 "--fail-on note"
start --fail-on error "$fixed" "$shop"
exits 1 "--fail-on error"
start --fail-on never "$shop"
exits 0 "--fail-on never"

# --- formats: machines have standard output to themselves
start -f concise "$shop"
says "conf.d/shop.conf:56:22: error: nothing listens on "
is_empty err "concise"
start -f json "$shop"
exits 1 "json"
is_empty err "json"
if python3 -m json.tool out >/dev/null 2>&1; then pass; else fail "json is not JSON"; fi
start -f sarif=report.sarif -f concise "$shop"
says "[resolver-missing]"
if python3 -m json.tool report.sarif >/dev/null 2>&1; then pass; else fail "sarif is not JSON"; fi
start -f json=/nowhere/report.json "$shop"
exits 3 "a report that cannot be written"

# --- colors
start --color always "$shop"
if grep -q "$(printf '\033')" out; then pass; else fail "--color always has no colors"; fi
start "$shop"
if grep -q "$(printf '\033')" out; then fail "colors in a file"; else pass; fi
FORCE_COLOR=1 "$gatelint" "$shop" >out 2>err
if grep -q "$(printf '\033')" out; then pass; else fail "FORCE_COLOR is not heeded"; fi
NO_COLOR=1 "$gatelint" --color always "$shop" >out 2>err
if grep -q "$(printf '\033')" out; then pass; else fail "the option does not win over NO_COLOR"; fi

# --- the catalogue
start rules
says "proxy-buffers-inconsistent"
start rules --format json
if python3 -m json.tool out >/dev/null 2>&1; then pass; else fail "rules --format json"; fi
start rules -f markdown
says "| [resolver-missing](#resolver-missing) |"
start explain -f markdown resolver-missing
says "# resolver-missing"
start explain resolver-missing
says "What gatelint reports:"
exits 0 "explain"
start explain resolver-mising
exits 2 "an unknown rule"
complains "did you mean 'resolver-missing'?"

# --- crossplane's payload
start dump -f yaml "$fixed"
exits 2 "another format of a dump"
start dump -f json "$fixed"
exits 0 "dump of a directory"
is_empty err "dump"
says "{\"status\":\"ok\",\"errors\":[],\"config\":[{\"file\":\"$fixed/nginx.conf\",\"status\":\"ok\""
says "\"includes\":["
if python3 -m json.tool out >/dev/null 2>&1; then pass; else fail "dump is not JSON"; fi
start dump -i 4 -o payload.json --ignore http,include --include-comments note.conf
exits 0 "dump into a file"
is_empty out "dump -o"
cp payload.json out
says '            "parsed": ['
says '                    "directive": "events",'
if grep -q '"http"' out; then fail "--ignore is not heeded"; else pass; fi
start dump --combine --strict --tb-onerror "$shop"
exits 0 "dump --combine"
says '"directive":"fastcgi_pass","line":56,'
printf 'events {}\ninclude gone.conf;\nbogus;\n' >failed.conf
start dump failed.conf
exits 1 "status failed"
says 'failed (2: No such file or directory) in failed.conf:2","line":2}'
start dump --single-file failed.conf
exits 0 "--single-file opens nothing"
start dump --strict --no-catch --single-file failed.conf
exits 1 "--strict"
says 'unknown directive \"bogus\" in failed.conf:3'
says '"parsed":[]'
mkdir -p host/etc/nginx
printf 'events {}\ninclude /etc/nginx/here/*.conf;\n' >host/etc/nginx/nginx.conf
start dump --root host --map /etc/nginx/here=. host/etc/nginx/nginx.conf
exits 1 "dump --root and --map"
says '{"file":"/etc/nginx/here/note.conf","status":"ok",'
start dump nowhere.conf
exits 3 "dump of a missing file"
is_empty out "dump of a missing file"
start dump -o /nowhere/payload.json note.conf
exits 3 "a payload that cannot be written"
complains "cannot write /nowhere/payload.json"
start dump --indent=-1 note.conf
exits 2 "an indent that is none"
start dump note.conf failed.conf
exits 2 "dump takes one PATH"
awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "a{" }' >deep.conf
start dump --combine --include-comments deep.conf
exits 1 "dump of 1,000,000 open braces"
if python3 -m json.tool out >/dev/null 2>&1; then pass; else fail "deep dump is not JSON"; fi
rm -r host

# --- usage
start --version
says "gatelint 0."
start --help
exits 0 "--help"
says "gatelint explain resolver-missing"
says "--fail-on"
start --bogus
exits 2 "an unknown option"
complains "gatelint: "
start --nginx-version abc note.conf
exits 2 "a version that is none"
start -f xml note.conf
exits 2 "an unknown format"
start --map nonsense note.conf
exits 2 "a map that is none"

# --- bad input: an error with the right code, or a finding with its place
start nowhere.conf
exits 3 "a missing file"
complains "no such file"
mkdir empty-folder
start empty-folder
exits 3 "a directory without nginx.conf"
: >empty.conf
start -f concise empty.conf
exits 1 "an empty file"
says "empty.conf:1:1: error: "
head -c 65536 "$gatelint" >binary.conf
start -f concise binary.conf
exits 1 "a binary file"
says "NUL byte"
printf '\357\273\277events {}\n' >bom.conf
start -f concise bom.conf
exits 1 "a byte order mark"
says "bom.conf:1:1: error: the file starts with a byte order mark"
printf 'events {}\r\nhttp {\r\n    server {\r\n        listen 80\r\n    }\r\n}\r\n' >crlf.conf
start -f concise crlf.conf
says "crlf.conf:4:18: error: \";\" is missing after \"listen\""
printf 'mail {\n}\n' >part.conf
start part.conf
exits 0 "a file of another name than nginx.conf may be a part"
printf 'upstream b { server 10.0.0.5; }\nlocation / {}\n' >paste.conf
start paste.conf
exits 0 "directives of several levels"
printf 'events {}\r\nhttp {}\r\n' >crlf.conf
start crlf.conf
exits 0 "CRLF"
printf 'events {}\nhttp {}\n\000\n' >nul.conf
start -f concise nul.conf
says "nul.conf:3:1: error: NUL byte"
awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "a{" }' >deep.conf
start -f concise deep.conf
exits 1 "1,000,000 open braces"
says "deep.conf:1:514: error: blocks are nested more than 256 levels deep"
awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "{" }' >braces.conf
start -f concise braces.conf
exits 1 "1,000,000 bare braces"
printf 'events {}\ninclude self.conf;\n' >self.conf
start -f concise self.conf
exits 1 "a file that includes itself"
says "self.conf:2:9: error: self.conf includes itself"
ln -s gone.conf dangling.conf
start dangling.conf
exits 3 "a dangling link"
mkfifo pipe.conf
start pipe.conf
exits 3 "a pipe"
complains "not a regular file"
printf 'events {}\ninclude pipe.conf;\ninclude empty-folder;\ninclude dangling.conf;\n' >includes.conf
start -f concise includes.conf
exits 1 "includes that cannot be opened"
says "includes.conf:2:9: error: pipe.conf cannot be included: it is not a regular file"
says "includes.conf:3:9: error: empty-folder cannot be included: it is a directory"
says "includes.conf:4:9: error: dangling.conf cannot be included: it is a link"
if [ "$(id -u)" != 0 ]; then
    printf 'events {}\n' >secret.conf
    chmod 0 secret.conf
    start secret.conf
    exits 3 "an unreadable file"
fi
start nowhere.conf "$shop"
exits 3 "an unreadable input wins over findings"

# --- the forms of a PATH
mkdir -p web/conf.d web/.git nginx-free
printf 'events {}\nhttp { server { location ~ /a { include conf.d/pass; } } }\n' >web/nginx.conf
printf 'proxy_pass http://10.0.0.5/;\n' >web/conf.d/pass
uri_error="conf.d/pass:1:12: error: proxy_pass cannot have a URI ("
start -f concise web
says "web/$uri_error"
start -f concise web/conf.d/pass
exits 1 "a fragment of a tree"
says "web/$uri_error"
start -f concise --context location web/conf.d/pass
exits 0 "a fragment whose context is said"
start --context servr web/conf.d/pass
exits 2 "a context that is none"
complains "is not one of main, events, http, server,"
printf '# gatelint: context=servr\n' >web/other
start web/other
exits 2 "a comment with a context that is none"
complains "web/other: unknown context 'servr'"
start nginx-free
exits 3 "a directory without nginx's files"
complains "no nginx configuration found in it"
"$gatelint" -f concise - <web/conf.d/pass >out 2>err
code=$?
exits 0 "a fragment from standard input"
printf 'location ~ /a { proxy_pass http://10.0.0.5/; }' | "$gatelint" -f concise - >out 2>err
code=$?
exits 1 "a finding in standard input"
says "<stdin>:1:28: error: "
printf '\nproxy_pass http://10.0.0.6/;\n' |
    "$gatelint" -f concise - --stdin-filename web/conf.d/pass >out 2>err
code=$?
exits 1 "an unsaved fragment"
says "web/conf.d/pass:2:12: error: "
start --stdin-filename web/conf.d/pass web
exits 2 "--stdin-filename without -"
{
    printf 'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n'
    printf '# configuration file /etc/nginx/nginx.conf:\n'
    cat web/nginx.conf
    printf '\n# configuration file /etc/nginx/conf.d/pass:\n'
    cat web/conf.d/pass
    printf '\n'
} >dump.txt
start -f concise dump.txt
exits 1 "a dump of nginx -T"
says "/etc/nginx/$uri_error"
"$gatelint" -f concise - <dump.txt >out 2>err
code=$?
exits 1 "a dump from standard input"
says "/etc/nginx/$uri_error"
printf 'events { worker_connections many; }\nhttp { server { listen 80; } }\n' >rows.conf
start rows.conf
exits 1 "a block of directives"
start --data-block events rows.conf
exits 0 "--data-block"
# Several hundred files: quadratic would take minutes.
awk 'BEGIN {
    print "# configuration file /etc/nginx/nginx.conf:\nevents { worker_connections 32768; }"
    print "http { include conf.d/*; }\n"
    for (i = 0; i < 20000; i++) {
        printf "# configuration file /etc/nginx/conf.d/%05d:\nserver { listen %d; }\n\n", i, i % 60000 + 1
    }
}' >large.txt
start -f concise large.txt
exits 0 "a dump of 20,000 files"

# Files that include each other in every order: 300 to the power of 24 openings.
awk 'BEGIN {
    print "# configuration file /nginx.conf:\ninclude d/*;"
    for (i = 0; i < 300; i++) printf "# configuration file /d/%d:\ninclude d/*;\n", i
}' >cycles.txt
start -f concise cycles.txt
exits 1 "files that include each other"
says "includes itself"
# --- fragments: what they name may be defined elsewhere
printf 'server { location / { fastcgi_pass php; } location /b { fastcgi_pass 127.0.0.1; } }\n' \
    >fragment.conf
start -f concise fragment.conf
says "fragment.conf:1:70: error: fastcgi_pass has no default port"
if grep -q '"php"' out; then fail "a group may be defined elsewhere"; else pass; fi

# --- the host's root, and maps
mkdir -p host/etc/nginx/conf.d elsewhere
printf 'events {}\nhttp { include /etc/nginx/conf.d/*.conf; include /srv/x.conf; }\n' \
    >host/etc/nginx/nginx.conf
printf 'server { location ~ /a { proxy_pass http://10.0.0.5/; } }\n' >host/etc/nginx/conf.d/a.conf
start -f concise --root host host/etc/nginx/nginx.conf
says "host/etc/nginx/conf.d/a.conf:1:37: error: proxy_pass cannot have a URI ("
says "error: /srv/x.conf cannot be included: no such file"
: >elsewhere/x.conf
start -f concise --root host --map /srv=elsewhere host/etc/nginx/nginx.conf
if grep -qF '/srv/x.conf' out; then fail "--map is not heeded"; else pass; fi
ln -s /etc/passwd host/etc/nginx/conf.d/z.conf
start -f concise --root host host/etc/nginx/nginx.conf
if grep -q 'passwd:' out; then fail "a link led out of the root"; else pass; fi

# --- templates
printf 'server { listen 80; location / { proxy_pass http://unix:/run/${APP}/; } }\n' >x.conf.template
start -f concise x.conf.template
exits 0 "a template whose values nobody knows"
start -f concise --define APP=app.sock x.conf.template
exits 1 "a template that is filled in wrongly"
says "x.conf.template:1:45: error: nginx reads \"/\" as part of the socket's path"
printf 'APP=app.sock\n' >.env
start -f concise x.conf.template
exits 1 "a template with a .env beside it"
start -f concise --define APP=app.sock: x.conf.template
exits 0 "--define before .env"
rm .env
start --define APP x.conf.template
exits 2 "--define without a value"

# --- threads: enough files and directives for several
mkdir -p many/sites
printf 'events {}\nhttp { include sites/*.conf; }\n' >many/nginx.conf
for n in $(seq 100); do
    for m in $(seq 20); do
        printf 'server { listen %s; server_name a%s.example; location / { proxy_pass http://g%s/; proxy_buffer_size 2k%s; } }\n' \
            "$((8000 + m))" "$n-$m" "$m" "$m"
    done >many/sites/$n.conf
done
start -f json --threads 1 many/nginx.conf
mv out one-thread
for threads in 2 3 8; do
    start -f json --threads $threads many/nginx.conf
    if cmp -s out one-thread; then pass; else fail "$threads threads say something else than one"; fi
done

printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
