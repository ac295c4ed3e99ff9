%% A server that counts. It also counts each cast it has handled in a shared counter.
-module(active).
-behaviour(gen_server).
-export([start/1, increment/1, value/1, add/1]).
-export([init/1, handle_call/3, handle_cast/2]).

start(Handled) -> {ok, Pid} = gen_server:start(?MODULE, Handled, []), Pid.
increment(Server) -> gen_server:call(Server, increment).
value(Server) -> gen_server:call(Server, value).
add(Server) -> gen_server:cast(Server, add).

init(Handled) -> {ok, {0, Handled}}.

handle_call(increment, _, {Count, Handled}) -> {reply, Count + 1, {Count + 1, Handled}};
handle_call(value, _, {Count, _} = State) -> {reply, Count, State}.

handle_cast(add, {Count, Handled}) ->
    counters:add(Handled, 1, 1),
    {noreply, {Count + 1, Handled}}.
