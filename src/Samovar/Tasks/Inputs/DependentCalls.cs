using Samovar.Tasks.Core;

namespace Samovar.Tasks.Inputs;

/// <summary>The call of a delegate that starts after its inputs and takes none of their results.</summary>
internal sealed class CallAfter<TResult>(Delegate work, DelegateKind kind, bool bringsResult) : DependentCall<TResult>(work, kind, bringsResult)
{
    public override object? First => null;

    public override void Take(Future[] inputs)
    {
        // The work takes no argument.
    }

    protected override TResult Call() => ((Func<TResult>)Work)();

    protected override void Do() => ((Action)Work)();

    protected override Task? Begin() => ((Func<Task>)Work)();
}

/// <summary>The call of a delegate with one input.</summary>
internal sealed class CallWithOne<T, TResult>(Delegate work, DelegateKind kind, bool bringsResult) : DependentCall<TResult>(work, kind, bringsResult)
{
    private T _input = default!;

    public override object? First => _input;

    public override void Take(Future[] inputs) => _input = ((Future<T>)inputs[0]).ResultUnchecked;

    protected override TResult Call() => ((Func<T, TResult>)Work)(_input);

    protected override void Do() => ((Action<T>)Work)(_input);

    protected override Task? Begin() => ((Func<T, Task>)Work)(_input);
}

/// <summary>The call of a delegate with two inputs.</summary>
internal sealed class CallWithTwo<T1, T2, TResult>(Delegate work, DelegateKind kind, bool bringsResult) : DependentCall<TResult>(work, kind, bringsResult)
{
    private T1 _first = default!;
    private T2 _second = default!;

    public override object? First => _first;

    public override void Take(Future[] inputs)
    {
        _first = ((Future<T1>)inputs[0]).ResultUnchecked;
        _second = ((Future<T2>)inputs[1]).ResultUnchecked;
    }

    protected override TResult Call() => ((Func<T1, T2, TResult>)Work)(_first, _second);

    protected override void Do() => ((Action<T1, T2>)Work)(_first, _second);

    protected override Task? Begin() => ((Func<T1, T2, Task>)Work)(_first, _second);
}

/// <summary>The call of a delegate with three inputs.</summary>
internal sealed class CallWithThree<T1, T2, T3, TResult>(Delegate work, DelegateKind kind, bool bringsResult)
    : DependentCall<TResult>(work, kind, bringsResult)
{
    private T1 _first = default!;
    private T2 _second = default!;
    private T3 _third = default!;

    public override object? First => _first;

    public override void Take(Future[] inputs)
    {
        _first = ((Future<T1>)inputs[0]).ResultUnchecked;
        _second = ((Future<T2>)inputs[1]).ResultUnchecked;
        _third = ((Future<T3>)inputs[2]).ResultUnchecked;
    }

    protected override TResult Call() => ((Func<T1, T2, T3, TResult>)Work)(_first, _second, _third);

    protected override void Do() => ((Action<T1, T2, T3>)Work)(_first, _second, _third);

    protected override Task? Begin() => ((Func<T1, T2, T3, Task>)Work)(_first, _second, _third);
}

/// <summary>The call of a delegate with any number of inputs of one type, as an array in the order of the inputs.</summary>
internal sealed class CallWithMany<T, TResult>(Delegate work, DelegateKind kind, bool bringsResult) : DependentCall<TResult>(work, kind, bringsResult)
{
    private T[] _inputs = [];

    public override object? First => _inputs is [var first, ..] ? first : null;

    public override void Take(Future[] inputs) => _inputs = Array.ConvertAll(inputs, static input => ((Future<T>)input).ResultUnchecked);

    protected override TResult Call() => ((Func<T[], TResult>)Work)(_inputs);

    protected override void Do() => ((Action<T[]>)Work)(_inputs);

    protected override Task? Begin() => ((Func<T[], Task>)Work)(_inputs);
}
