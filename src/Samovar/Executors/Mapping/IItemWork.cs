namespace Samovar.Executors.Mapping;

/// <summary>Items of a map that run as one task, whatever their type.</summary>
internal interface IItemWork
{
    /// <summary>The user's delegate.</summary>
    Delegate Work { get; }

    int Count { get; }
}
