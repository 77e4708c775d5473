package proto

//go:generate go run ./tsgen . ../web/src/lib/proto.gen.ts ../../call
