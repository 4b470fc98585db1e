namespace Samovar.Primitives;

/// <summary>The target of a delegate that runs other code, by whose name observers know the work.</summary>
internal interface INamedWork
{
    /// <summary>The name of the code, as <see cref="MethodNames"/> names methods.</summary>
    string WorkName { get; }
}
