%% A server that counts, an agent over a map, and a supervisor of counters.
-module(counter).
-behaviour(gen_server).
-export([start/0, start/1, start_link/0, start_link/1, increment/1, value/1, add/1, crash/1]).
-export([start_agent/0, get/1, update/1, start_supervisor/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

start() -> {ok, Pid} = gen_server:start(?MODULE, 0, []), Pid.
start(Name) -> {ok, Pid} = gen_server:start({local, Name}, ?MODULE, 0, []), Pid.
start_link() -> gen_server:start_link(?MODULE, 0, []).
start_link(Name) -> gen_server:start_link({local, Name}, ?MODULE, 0, []).
increment(Server) -> gen_server:call(Server, increment).
value(Server) -> gen_server:call(Server, value, infinity).
add(Server) -> gen_server:cast(Server, add).
crash(Server) -> gen_server:cast(Server, crash).

start_agent() -> {ok, Pid} = gen_server:start(?MODULE, #{milk => 0}, []), Pid.
get(Agent) -> gen_server:call(Agent, {get, fun(Map) -> maps:get(milk, Map) end}).
update(Agent) ->
    gen_server:call(Agent, {update, fun(#{milk := N} = Map) -> Map#{milk := N + 1} end}).

start_supervisor(Restart, Arguments) ->
    supervisor:start_link({local, counter_sup}, ?MODULE, {supervisor, Restart, Arguments}).

init({supervisor, Restart, Arguments}) ->
    {ok, {
        #{strategy => simple_one_for_one, intensity => 1000000000, period => 1},
        [#{id => counter, start => {?MODULE, start_link, Arguments}, restart => Restart}]
    }};
init(State) -> {ok, State}.

handle_call(increment, _, Count) -> {reply, Count + 1, Count + 1};
handle_call(value, _, Count) -> {reply, Count, Count};
handle_call({get, F}, _, State) -> {reply, F(State), State};
handle_call({update, F}, _, State) -> {reply, ok, F(State)}.

handle_cast(add, Count) -> {noreply, Count + 1}.

handle_info({request, From}, Count) ->
    From ! {reply, Count + 1},
    {noreply, Count + 1}.
