%% A server whose turns block in a socket, and a server that notes how long each cast was under way.
-module(blocking).
-behaviour(gen_server).
-export([start_blocking/1, start_noting/0, connections/2, noted/1]).
-export([init/1, handle_call/3, handle_cast/2]).

start_blocking(Socket) -> {ok, Pid} = gen_server:start(?MODULE, {socket, Socket}, []), Pid.
start_noting() -> {ok, Pid} = gen_server:start(?MODULE, {noted, [], []}, []), Pid.

%% Returns the latencies since the last time, those of casts from inside and outside.
noted(Server) -> gen_server:call(Server, take).

%% Returns sockets whose other sides answer each byte with a byte, after a delay in ms.
connections(Count, Delay) ->
    Options = [binary, {active, false}, {nodelay, true}, {ip, {127, 0, 0, 1}}],
    {ok, Listening} = gen_tcp:listen(0, Options),
    {ok, Port} = inet:port(Listening),
    [connect(Listening, Port, Delay) || _ <- lists:seq(1, Count)].

connect(Listening, Port, Delay) ->
    {ok, Mine} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}, {nodelay, true}]),
    {ok, Other} = gen_tcp:accept(Listening),
    spawn_link(fun() -> answer(Other, Delay) end),
    Mine.

answer(Socket, Delay) ->
    {ok, <<0>>} = gen_tcp:recv(Socket, 1),
    timer:sleep(Delay),
    ok = gen_tcp:send(Socket, <<42>>),
    answer(Socket, Delay).

block(Socket) ->
    ok = gen_tcp:send(Socket, <<0>>),
    {ok, <<42>>} = gen_tcp:recv(Socket, 1).

init(State) -> {ok, State}.

handle_call(take, _, {noted, Inside, Outside}) -> {reply, {Inside, Outside}, {noted, [], []}}.

handle_cast({block, Other, Process}, {socket, Socket} = State) ->
    gen_server:cast(Other, {sent, inside, erlang:monotonic_time(nanosecond)}),
    block(Socket),
    Process ! done,
    {noreply, State};
handle_cast({loop, Turns}, {socket, Socket} = State) ->
    block(Socket),
    counters:add(Turns, 1, 1),
    gen_server:cast(self(), {loop, Turns}),
    {noreply, State};
handle_cast({sent, inside, At}, {noted, Inside, Outside}) ->
    {noreply, {noted, [erlang:monotonic_time(nanosecond) - At | Inside], Outside}};
handle_cast({sent, outside, At}, {noted, Inside, Outside}) ->
    {noreply, {noted, Inside, [erlang:monotonic_time(nanosecond) - At | Outside]}}.
