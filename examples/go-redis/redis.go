package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// A Redis is a handful of connections that speak RESP2: all that this service asks of a client.
type Redis struct {
	address string
	idle    chan *conn
}

type conn struct {
	net.Conn
	reader *bufio.Reader
}

// ErrNil is a reply that says that there is nothing.
var ErrNil = errors.New("nil")

func NewRedis(address string) *Redis {
	return &Redis{address: address, idle: make(chan *conn, 32)}
}

// Do sends one command and gives its reply: a string, an int64, or a list of replies.
func (r *Redis) Do(args ...string) (any, error) {
	c, err := r.take()
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(2 * time.Second))
	command := fmt.Sprintf("*%d\r\n", len(args))
	for _, arg := range args {
		command += fmt.Sprintf("$%d\r\n%s\r\n", len(arg), arg)
	}
	if _, err := io.WriteString(c, command); err != nil {
		_ = c.Close()
		return nil, err
	}
	reply, err := readReply(c.reader)
	var told replyError
	if err != nil && !errors.Is(err, ErrNil) && !errors.As(err, &told) {
		// What is left on the wire belongs to nobody.
		_ = c.Close()
		return nil, err
	}
	select {
	case r.idle <- c:
	default:
		_ = c.Close()
	}
	return reply, err
}

func (r *Redis) take() (*conn, error) {
	select {
	case c := <-r.idle:
		return c, nil
	default:
	}
	plain, err := net.DialTimeout("tcp", r.address, time.Second)
	if err != nil {
		return nil, err
	}
	return &conn{plain, bufio.NewReader(plain)}, nil
}

type replyError string

func (e replyError) Error() string { return string(e) }

func readReply(reader *bufio.Reader) (any, error) {
	line, err := reader.ReadString('\n')
	if err != nil {
		return nil, err
	}
	if len(line) < 3 {
		return nil, errors.New("a short reply")
	}
	text := line[1 : len(line)-2]
	switch line[0] {
	case '+':
		return text, nil
	case '-':
		return nil, replyError(text)
	case ':':
		return strconv.ParseInt(text, 10, 64)
	case '$':
		size, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		if size < 0 {
			return nil, ErrNil
		}
		body := make([]byte, size+2)
		if _, err := io.ReadFull(reader, body); err != nil {
			return nil, err
		}
		return string(body[:size]), nil
	case '*':
		count, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		list := make([]any, 0, max(count, 0))
		for range max(count, 0) {
			item, err := readReply(reader)
			if err != nil && !errors.Is(err, ErrNil) {
				return nil, err
			}
			list = append(list, item)
		}
		return list, nil
	}
	return nil, fmt.Errorf("no reply: %q", line)
}
