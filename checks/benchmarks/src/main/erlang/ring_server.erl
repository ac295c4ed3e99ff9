%% A server in a ring. It passes the token to the next server by a cast, or tells the starter when the
%% token has no hops left.
-module(ring_server).
-behaviour(gen_server).
-export([start/1, pass/2, handled/2]).
-export([init/1, handle_call/3, handle_cast/2]).

%% Starts a ring and returns its first server.
start(Size) ->
    {ok, First} = gen_server:start(?MODULE, self(), []),
    Last = lists:foldl(
        fun(_, Next) ->
            {ok, Server} = gen_server:start(?MODULE, self(), []),
            gen_server:cast(Server, {next, Next}),
            Server
        end, First, lists:seq(2, Size)),
    gen_server:cast(First, {next, Last}),
    First.

%% Passes a token and waits until it has made its hops.
pass(First, Hops) ->
    gen_server:cast(First, {token, Hops}),
    receive 'end' -> ok end.

%% Returns how many tokens all servers have handled.
handled(First, Size) ->
    gen_server:cast(First, {sum, Size, 0}),
    receive {handled, Count} -> Count end.

init(Starter) -> {ok, {Starter, none, 0}}.

handle_call(Request, _, State) -> {stop, {unexpected, Request}, State}.

handle_cast({next, Next}, {Starter, none, Handled}) -> {noreply, {Starter, Next, Handled}};
handle_cast({token, 1}, {Starter, Next, Handled}) ->
    Starter ! 'end',
    {noreply, {Starter, Next, Handled + 1}};
handle_cast({token, Left}, {Starter, Next, Handled}) ->
    gen_server:cast(Next, {token, Left - 1}),
    {noreply, {Starter, Next, Handled + 1}};
handle_cast({sum, 1, Before}, {Starter, _, Handled} = State) ->
    Starter ! {handled, Before + Handled},
    {noreply, State};
handle_cast({sum, Servers, Before}, {_, Next, Handled} = State) ->
    gen_server:cast(Next, {sum, Servers - 1, Before + Handled}),
    {noreply, State}.
