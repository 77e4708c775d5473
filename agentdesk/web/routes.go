package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

// Prefix is where the API begins.
const Prefix = "/api/v1"

// Route is one thing that the server answers, and who may ask. Every route is in this table: there is no
// other way to register one, and one without access lets nobody in.
type Route struct {
	Method string // "" any
	Path   string
	Access Access
}

// Routes gives the table.
func (s *Server) Routes() []Route { return s.routes }

// Op is a route of the API, described for OpenAPI.
type Op struct {
	Method, Path string // the path as it is under [Prefix]
	ID, Summary  string
	Access       Access
	Status       int   // of success; 0: 200
	Also         []int // statuses of failure that most routes do not have
	Unchanged    bool  // it answers 304 to who has what there is (If-None-Match)
	Rows         bool  // it reads rows that projections of the journal write: ?after waits for those, too
}

// describe prepares the API's description at /api/v1/openapi.json.
func (s *Server) describe(version string) {
	c := huma.DefaultConfig("Linedesk", version)
	c.Info.Description = "What the desk and the board show, for programs. Lists are {items, next}: next is the cursor of the following page, null at the end. Times are RFC 3339 in UTC, durations milliseconds. Errors are RFC 9457 problems with a stable code. A path that does not take a method answers 405 with Allow. What a call cannot do as it stands, or for you, is 409; a call that is not known is 404."
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.DocsPath, c.SchemasPath = "", ""
	c.CreateHooks = nil // no $schema in answers
	c.RejectUnknownQueryParameters = true
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"cookie": {Type: "apiKey", In: "cookie", Name: cookiePlain},
		"bearer": {Type: "http", Scheme: "bearer"},
	}
	s.api = humago.NewWithPrefix(s.mux, Prefix, c)
	s.routes = append(s.routes,
		Route{http.MethodGet, Prefix + "/openapi.json", Anyone},
		Route{http.MethodGet, Prefix + "/openapi-3.0.json", Anyone},
		Route{http.MethodGet, Prefix + "/openapi.yaml", Anyone},
		Route{http.MethodGet, Prefix + "/openapi-3.0.yaml", Anyone})
}

// Handle registers a route of the API. The principal is let in before anything of the request is looked at.
func Handle[I, O any](s *Server, o Op, do func(context.Context, *I) (*O, error)) {
	s.routes = append(s.routes, Route{o.Method, Prefix + o.Path, o.Access})
	h := huma.Operation{
		OperationID: o.ID, Method: o.Method, Path: o.Path, Summary: o.Summary, DefaultStatus: o.Status,
		MaxBodyBytes: bodyBytes,
		Middlewares:  huma.Middlewares{s.guard(o.Access), s.waits(o)},
		Extensions:   map[string]any{"x-right": o.Access.String()},
		Errors: append([]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict},
			o.Also...),
	}
	if o.Access.kind != public {
		h.Security = []map[string][]string{{"cookie": {}}, {"bearer": {}}}
	}
	if o.Method == http.MethodGet {
		after := afterParam
		h.Parameters, h.Errors = append(h.Parameters, &after), append(h.Errors, http.StatusGatewayTimeout)
	}
	if o.Unchanged {
		h.Responses = map[string]*huma.Response{"304": {Description: "The client has what there is: see If-None-Match"}}
	}
	huma.Register(s.api, h, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, s.asHTTPError(ctx, err)
		}
		return out, nil
	})
}

// DescribeServed adds an operation to the OpenAPI description that is not served by huma.
func (s *Server) DescribeServed(o *huma.Operation) {
	o.Security = []map[string][]string{{"cookie": {}}, {"bearer": {}}}
	s.api.OpenAPI().AddOperation(o)
}

// asHTTPError gives huma the problem with its headers.
func (s *Server) asHTTPError(ctx context.Context, err error) error {
	p := s.AsProblem(ctx, err)
	if h := p.GetHeaders(); h != nil {
		return huma.ErrorWithHeaders(p, h)
	}
	return p
}

// guard lets in whom the access allows, and nobody else.
func (s *Server) guard(a Access) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(hc)
		w.Header().Set("Cache-Control", "no-store")
		ctx := context.WithValue(hc.Context(), requestKey{}, r)
		if a.kind != public {
			who, err := s.authenticate(r)
			if err == nil {
				err = who.Admit(a)
			}
			if err != nil {
				WriteProblem(w, s.AsProblem(r.Context(), err))
				return
			}
			ctx = context.WithValue(ctx, principalKey{}, who)
		}
		next(huma.WithContext(hc, ctx))
	}
}

// waits lets a reading request wait for what it wants to see.
func (s *Server) waits(o Op) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		if o.Method == http.MethodGet {
			r, w := humago.Unwrap(hc)
			if err := s.await(r, o.Rows); err != nil {
				WriteProblem(w, s.AsProblem(r.Context(), err))
				return
			}
		}
		next(hc)
	}
}

type requestKey struct{}

// RequestOf gives the HTTP request, for addresses and cookies.
func RequestOf(ctx context.Context) *http.Request { return ctx.Value(requestKey{}).(*http.Request) }

// Serve registers a route outside the API.
func (s *Server) Serve(method, path string, a Access, h http.HandlerFunc) {
	s.routes = append(s.routes, Route{method, path, a})
	pattern := path
	if method != "" {
		pattern = method + " " + path
	}
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if a.kind == public {
			h(w, r)
			return
		}
		who, err := s.authenticate(r)
		if err == nil {
			err = who.Admit(a)
		}
		if err != nil {
			WriteProblem(w, s.AsProblem(r.Context(), err))
			return
		}
		h(w, r.WithContext(context.WithValue(r.Context(), principalKey{}, who)))
	})
}

// register names what the server answers by itself; the rooms add theirs, see [Server.Add].
func (s *Server) register() {
	s.registerSession()
	s.registerMe()
	s.registerSite()
	s.registerCommands()

	s.Serve(http.MethodGet, "/ws", SignedIn, s.serveSocket)
	s.Serve(http.MethodGet, "/metrics", Anyone, s.serveMetrics)
	s.Serve(http.MethodGet, "/healthz", Anyone, serveHealth)
	s.Serve(http.MethodGet, "/readyz", Anyone, s.serveReady)
	for path, file := range entries {
		s.Serve(http.MethodGet, path, Anyone, s.pages.entry(file))
	}
	s.Serve("", "/", Anyone, s.pages.ServeHTTP)
	s.Serve("", apiRest, Anyone, s.serveNoRoute)
}

// apiRest is the pattern of all under the API that no other route answers.
const apiRest = Prefix + "/"

// serveNoRoute tells a wrong method from a wrong path (RFC 9110, 15.5.6).
func (s *Server) serveNoRoute(w http.ResponseWriter, r *http.Request) {
	allowed := s.methodsOf(r)
	if len(allowed) == 0 {
		WriteProblem(w, NewProblem(http.StatusNotFound, proto.CodeNoSuchRoute, "there is no "+r.URL.Path))
		return
	}
	allow := strings.Join(allowed, ", ")
	w.Header().Set("Allow", allow)
	WriteProblem(w, NewProblem(http.StatusMethodNotAllowed, proto.CodeMethodNotAllowed,
		r.URL.Path+" does not take "+r.Method, "allow", allow))
}

// methodsOf lists the methods that the request's path takes.
func (s *Server) methodsOf(r *http.Request) []string {
	var methods []string
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := *r
		other.Method = m
		if _, pattern := s.mux.Handler(&other); pattern != apiRest {
			methods = append(methods, m)
		}
	}
	return methods
}

// Collection is the shape of every collection.
type Collection[T any] struct {
	Items []T     `json:"items" nullable:"false"`
	Next  *string `json:"next" doc:"Cursor of what follows; null: this is the end"`
}

// Next gives the cursor as a collection has it: null for "".
func Next(cursor string) *string {
	if cursor == "" {
		return nil
	}
	return &cursor
}

// Empty is the input of a route that takes none.
type Empty struct{}
