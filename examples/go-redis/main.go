// Redeems perks for miles; everything is in Redis. The standard library alone.
//
// The right edition claims key, debits and answers in one script. The wrong edition looks, debits, and writes the answer down last:
// whoever comes in between has looked, too, and found nothing.
package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log"
	"mime"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	prices  = map[string]int{"lounge": 400, "snack": 60}
	isRight = os.Getenv("EDITION") != "wrong"
	redis   = NewRedis(os.Getenv("REDIS"))
	isKey   = regexp.MustCompile(`^[\x21-\x7e]{1,128}$`)
)

// KEYS: the key's record, the flyer's miles, the flyer's list. ARGV: perk, price, id, time.
const claim = `
local kept = redis.call('HMGET', KEYS[1], 'perk', 'id', 'left')
if kept[1] then
  if kept[1] ~= ARGV[1] then return {'used'} end
  return {'again', kept[2], kept[3]}
end
local miles = redis.call('GET', KEYS[2])
if not miles then return {'who'} end
if tonumber(miles) < tonumber(ARGV[2]) then return {'few'} end
local left = redis.call('DECRBY', KEYS[2], ARGV[2])
redis.call('RPUSH', KEYS[3], cjson.encode({redemption = ARGV[3], perk = ARGV[1], points = tonumber(ARGV[2]), at = tonumber(ARGV[4])}))
redis.call('HSET', KEYS[1], 'perk', ARGV[1], 'id', ARGV[3], 'left', left)
return {'done', ARGV[3], tostring(left)}`

// The same without a look at the key: the wrong edition has looked before.
const debit = `
local miles = redis.call('GET', KEYS[1])
if not miles then return {'who'} end
if tonumber(miles) < tonumber(ARGV[2]) then return {'few'} end
local left = redis.call('DECRBY', KEYS[1], ARGV[2])
redis.call('RPUSH', KEYS[2], cjson.encode({redemption = ARGV[3], perk = ARGV[1], points = tonumber(ARGV[2]), at = tonumber(ARGV[4])}))
return {'done', ARGV[3], tostring(left)}`

func main() {
	http.HandleFunc("POST /flyers/{flyer}/perks", redeem)
	http.HandleFunc("GET /flyers/{flyer}/perks", list)
	http.HandleFunc("GET /flyers/{flyer}/miles", miles)
	http.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		if _, err := redis.Do("PING"); err != nil {
			say(w, http.StatusServiceUnavailable, map[string]any{})
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

func redeem(w http.ResponseWriter, r *http.Request) {
	keys := r.Header.Values("Idempotency-Key")
	if len(keys) == 0 {
		refuse(w, http.StatusBadRequest, "NO_KEY")
		return
	}
	if len(keys) > 1 || !isKey.MatchString(keys[0]) {
		refuse(w, http.StatusBadRequest, "BAD_KEY")
		return
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "NO_JSON")
		return
	}
	var asked struct {
		Perk string `json:"perk"`
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		refuse(w, http.StatusBadRequest, "BAD_BODY")
		return
	}
	price, isKnown := prices[asked.Perk]
	if !isKnown {
		refuse(w, http.StatusNotFound, "NO_SUCH_PERK")
		return
	}
	flyer := r.PathValue("flyer")
	carryOut := rightly
	if !isRight {
		carryOut = wrongly
	}
	reply, err := carryOut(flyer, keys[0], asked.Perk, price)
	if err != nil {
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusServiceUnavailable, "STORE_DOWN")
		return
	}
	switch reply[0] {
	case "used":
		refuse(w, http.StatusUnprocessableEntity, "KEY_USED")
	case "who":
		refuse(w, http.StatusNotFound, "WHO")
	case "few":
		refuse(w, http.StatusPaymentRequired, "TOO_FEW_MILES")
	default:
		if reply[0] == "again" {
			w.Header().Set("Idempotent-Replayed", "true")
		}
		left, _ := strconv.Atoi(reply[2])
		say(w, http.StatusOK, map[string]any{"perk": reply[1], "left": left})
	}
}

func rightly(flyer, key, perk string, price int) ([]string, error) {
	return run(claim, []string{record(flyer, key), "miles:" + flyer, "perks:" + flyer}, perk, price)
}

func wrongly(flyer, key, perk string, price int) ([]string, error) {
	kept, err := redis.Do("HMGET", record(flyer, key), "perk", "id", "left")
	if err != nil {
		return nil, err
	}
	if known := texts(kept); len(known) == 3 && known[0] != "" {
		if known[0] != perk {
			return []string{"used"}, nil
		}
		return []string{"again", known[1], known[2]}, nil
	}
	reply, err := run(debit, []string{"miles:" + flyer, "perks:" + flyer}, perk, price)
	if err != nil || reply[0] != "done" {
		return reply, err
	}
	// The perk is ordered; the other request has looked by then.
	time.Sleep(50 * time.Millisecond)
	_, err = redis.Do("HSET", record(flyer, key), "perk", perk, "id", reply[1], "left", reply[2])
	return reply, err
}

func record(flyer, key string) string { return "key:" + flyer + ":" + key }

func run(script string, keys []string, perk string, price int) ([]string, error) {
	id := make([]byte, 8)
	_, _ = rand.Read(id)
	args := append([]string{"EVAL", script, strconv.Itoa(len(keys))}, keys...)
	args = append(args, perk, strconv.Itoa(price), hex.EncodeToString(id), strconv.FormatInt(time.Now().UnixMilli(), 10))
	reply, err := redis.Do(args...)
	if err != nil {
		return nil, err
	}
	return texts(reply), nil
}

func texts(reply any) []string {
	items, _ := reply.([]any)
	all := make([]string, len(items))
	for index, item := range items {
		all[index], _ = item.(string)
	}
	return all
}

func list(w http.ResponseWriter, r *http.Request) {
	reply, err := redis.Do("LRANGE", "perks:"+r.PathValue("flyer"), "0", "-1")
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, "STORE_DOWN")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"perks":[` + strings.Join(texts(reply), ",") + `]}`))
}

func miles(w http.ResponseWriter, r *http.Request) {
	reply, err := redis.Do("GET", "miles:"+r.PathValue("flyer"))
	if errors.Is(err, ErrNil) {
		refuse(w, http.StatusNotFound, "WHO")
		return
	}
	text, isText := reply.(string)
	if err != nil || !isText {
		refuse(w, http.StatusServiceUnavailable, "STORE_DOWN")
		return
	}
	left, _ := strconv.Atoi(text)
	say(w, http.StatusOK, map[string]any{"miles": left})
}

func refuse(w http.ResponseWriter, status int, code string) {
	say(w, status, map[string]any{"code": code})
}

func say(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
