namespace Samovar.Primitives;

/// <summary>Items of a map that run as one task, whatever their type.</summary>
internal interface IItemWork
{
    /// <summary>The user's delegate.</summary>
    Delegate Work { get; }

    int Count { get; }

    /// <summary>The first item.</summary>
    object? First { get; }
}
