// Sumdb answers questions about notes and trees with Go's own sumdb/note and sumdb/tlog:
// one question a line on standard input, one answer a line on standard output.
//
//	note <verifier key> <base64 note>                          ok | bad
//	sign <signing key> <base64 text>                           base64 note
//	root <size>                                                base64 root over records "0", "1" …
//	inclusion <index> <size> <root> <leaf> <hash,hash…>        ok | bad
//	consistency <old> <new> <old root> <new root> <hash,hash…> ok | bad
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		fmt.Println(answer(strings.Split(in.Text(), " ")))
	}
}

func answer(words []string) string {
	switch words[0] {
	case "note":
		key, err := note.NewVerifier(words[1])
		if err != nil {
			return "bad"
		}
		_, err = note.Open(decode(words[2]), note.VerifierList(key))
		return verdict(err)
	case "sign":
		key, err := note.NewSigner(words[1])
		if err != nil {
			return "bad"
		}
		signed, err := note.Sign(&note.Note{Text: string(decode(words[2]))}, key)
		if err != nil {
			return "bad"
		}
		return base64.StdEncoding.EncodeToString(signed)
	case "root":
		return root(number(words[1])).String()
	case "inclusion":
		proof := tlog.RecordProof(hashes(words[5]))
		return verdict(tlog.CheckRecord(
			proof, number(words[2]), hash(words[3]), number(words[1]), hash(words[4])))
	case "consistency":
		proof := tlog.TreeProof(hashes(words[5]))
		return verdict(tlog.CheckTree(
			proof, number(words[2]), hash(words[4]), number(words[1]), hash(words[3])))
	}
	return "unknown question"
}

func root(size int64) tlog.Hash {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	for n := int64(0); n < size; n++ {
		grown, err := tlog.StoredHashes(n, []byte(strconv.FormatInt(n, 10)), reader)
		if err != nil {
			panic(err)
		}
		stored = append(stored, grown...)
	}
	found, err := tlog.TreeHash(size, reader)
	if err != nil {
		panic(err)
	}
	return found
}

func verdict(err error) string {
	if err != nil {
		return "bad"
	}
	return "ok"
}

func decode(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return data
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func hash(text string) (h tlog.Hash) {
	copy(h[:], decode(text))
	return h
}

func hashes(text string) (found []tlog.Hash) {
	for _, item := range strings.Split(text, ",") {
		if item != "" {
			found = append(found, hash(item))
		}
	}
	return found
}
